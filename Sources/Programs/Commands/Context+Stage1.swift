internal import Configuration
internal import Stage0

extension Context {
    /// The stage1 program that the configuration (`stage1.d`) chooses; nil for the one installed with rkt.
    ///
    /// rkt looks into the store for an image of the name first, which has none here, and then at the location.
    func chosenStage1() throws -> String? {
        let directories = options.configurationDirectories
        let chosen = try Configuration(directories: directories, kinds: [.stage1]).stage1
        guard let location = chosen.location else {
            guard let name = chosen.name else { return nil }
            throw refusal("\(name):\(chosen.version ?? "")")
        }
        let path = location.hasPrefix("file://") ? String(location.dropFirst(7)) : location
        guard path.hasPrefix("/") else { throw refusal(location) }
        do throws(Stage0Error) {
            return try Stage0.stage1(at: path)
        } catch {
            throw CommandError.failed(
                "the configuration (stage1.d) chooses another stage1: \(error)"
            )
        }
    }

    private func refusal(_ stage1: String) -> CommandError {
        .failed(
            "the configuration (stage1.d) chooses the stage1 \"\(stage1)\": a stage1 is a program of this host, not an image "
                + "(give its path as \"location\")"
        )
    }
}
