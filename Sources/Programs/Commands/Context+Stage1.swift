internal import Configuration
internal import Linux
internal import Stage0

/// Which stage1 a command line asks for.
enum Stage1Choice {
    /// The program at a path, or in a directory.
    case path(String)
    /// A file of the directory of stage1 programs.
    case fromDirectory(String)

    var flag: String {
        switch self {
        case .path: "stage1-path"
        case .fromDirectory: "stage1-from-dir"
        }
    }
}

extension PodMakingCommand {
    /// The flags that choose the pod's stage1; rkt's others name images, and a stage1 is none here.
    static var stage1Flags: [Flag<Self>] {
        [
            .string("stage1-path", "path to a stage1 program of this version") {
                command,
                text throws(CommandError) in try command.arguments.choose(.path(text))
            },
            .string("stage1-from-dir", "file name of a stage1 program in the stage1 directory") {
                command,
                text throws(CommandError) in
                guard !text.isEmpty, !text.contains("/") else { throw .value("no file name") }
                try command.arguments.choose(.fromDirectory(text))
            },
        ]
    }
}

extension Context {
    /// Where `--stage1-from-dir` looks unless the configuration says otherwise.
    private static let stage1Directory = "/usr/lib/rkt/stage1-images"

    /// The stage1 program that a command line or the configuration chooses; nil for the one installed with rkt.
    func stage1(_ choice: Stage1Choice?) throws -> String? {
        // Every start reads this: where else to look matters to one flag only.
        var kinds: [Configuration.Kind] = [.stage1]
        if case .fromDirectory = choice { kinds.append(.paths) }
        let configuration = try Configuration(
            directories: options.configurationDirectories,
            kinds: kinds
        )
        guard let choice else {
            return try chosen(configuration.stage1).map {
                try program(at: $0, "the configuration (stage1.d) chooses another stage1")
            }
        }
        switch choice {
        case .path(let path):
            let isAbsolute = path.hasPrefix("/")
            let start = isAbsolute ? "" : try Directory(path: ".").absolutePath() + "/"
            return try program(at: start + path, "--stage1-path")
        case .fromDirectory(let name):
            let directory = configuration.paths.stage1Images ?? Self.stage1Directory
            return try program(at: "\(directory)/\(name)", "--stage1-from-dir")
        }
    }

    /// The path that the configuration has.
    ///
    /// rkt looks into the store for an image of the name first, which has none here, and then at the location.
    private func chosen(_ stage1: Configuration.Stage1Choice) throws -> String? {
        guard let location = stage1.location else {
            guard let name = stage1.name else { return nil }
            throw refusal("\(name):\(stage1.version ?? "")")
        }
        let path = location.hasPrefix("file://") ? String(location.dropFirst(7)) : location
        guard path.hasPrefix("/") else { throw refusal(location) }
        return path
    }

    private func program(at path: String, _ origin: String) throws -> String {
        do throws(Stage0Error) {
            return try Stage0.stage1(at: path)
        } catch { throw CommandError.failed("\(origin): \(error)") }
    }

    private func refusal(_ stage1: String) -> CommandError {
        .failed(
            "the configuration (stage1.d) chooses the stage1 \"\(stage1)\": a stage1 is a program of this host, not an image "
                + "(give its path as \"location\")"
        )
    }
}
