internal import CNI
internal import JSON
internal import Linux

/// One plugin's program, found.
struct PluginProgram {
    let type: String
    private let path: String
    private let search: PluginSearch
    private let limit: Duration

    /// What programs that plugins start are found with.
    private static let programs =
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    init(_ type: String, in search: PluginSearch, limit: Duration) throws(PluginError) {
        guard let path = search.program(type) else {
            throw .notFound(plugin: type, directories: search.directories)
        }
        self.type = type
        self.path = path
        self.search = search
        self.limit = limit
    }

    /// Has the plugin do something: it sees the variables of the contract, standard input and nothing else of ours.
    ///
    /// - Returns: what it wrote to standard output.
    func run(
        _ command: PluginCommand,
        for attachment: PluginAttachment? = nil,
        _ request: JSON
    ) throws(PluginError) -> [UInt8] {
        let child = BoundedChild(
            path,
            environment: variables(command, attachment),
            outputLimit: CNILimits.document,
            milliseconds: limit.milliseconds
        )
        let outcome: BoundedChild.Outcome
        do throws(BoundedChild.Failure) {
            outcome = try child.run(input: request.encodedBytes())
        } catch {
            throw .run(program: path, error)
        }
        guard outcome.status == .exited(0) else { throw failure(command, outcome) }
        return outcome.output
    }

    /// The versions that it speaks, asked in the oldest way and the newest.
    func versions() throws(PluginError) -> PluginVersions {
        let output = try run(.version, ["cniVersion": .string(CNIVersion.v110.rawValue)])
        do throws(CNIError) {
            return try PluginVersions(parsing: output)
        } catch {
            throw .answer(plugin: type, .version, error)
        }
    }

    private func variables(_ command: PluginCommand, _ attachment: PluginAttachment?) -> [String] {
        var variables = [
            Self.programs, "CNI_COMMAND=\(command.rawValue)", "CNI_PATH=\(search.environment)",
        ]
        guard let attachment else { return variables }
        variables += [
            "CNI_CONTAINERID=\(attachment.name.containerID)",
            "CNI_IFNAME=\(attachment.name.interface)", "CNI_NETNS=\(attachment.namespace)",
        ]
        if !attachment.arguments.isEmpty { variables.append("CNI_ARGS=\(attachment.arguments)") }
        return variables
    }

    private func failure(_ command: PluginCommand, _ outcome: BoundedChild.Outcome) -> PluginError {
        if let complaint = try? PluginComplaint(parsing: outcome.output) {
            return .complaint(plugin: type, command, complaint)
        }
        let told = outcome.errors.isEmpty ? outcome.output : outcome.errors
        let text = String(decoding: told.prefix(1024), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return .failure(plugin: type, command, outcome.status, output: lines)
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        let (product, overflow) = components.seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : product + components.attoseconds / 1_000_000_000_000_000
    }
}
