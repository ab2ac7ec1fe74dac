internal import Addresses
internal import CNI
internal import JSON
internal import Linux
internal import PodLifecycle
internal import PodNetworking

/// `rkt network inspect`.
struct NetworkInspectCommand: Command {
    static let name = "network inspect"
    static let summary = "Show networks, what describes them and the pods on them"
    static let usage = "[--format=json|json-pretty] NAME ..."
    static let details = """
        Shows each network as lines KEY=VALUE: its name, the file that describes it, its plugins, those of them that are not \
        installed, its subnets, and the running pods on it with their addresses. The JSON formats add the description itself.

        For the built-in networks and those of bridges that lead out it also shows which rules of other programs on this host are \
        in the way of pods, with the commands that have them accepted, and the settings of the host that "default" depends on.

        Plugins that speak CNI 1.1 are asked whether the network could take a pod now.
        """
    static let needsUserNamespace = true

    static var flags: [Flag<Self>] { [OutputFormat.flag { $0.format = $1 }] }

    private var format = OutputFormat.text

    /// What there is to say about one network.
    private struct Facts {
        let entry: NetworkCatalog.Entry
        let missing: [String]
        /// What the plugins answer, if they can be asked.
        let status: String?
        let pods: [(uuid: PodUUID, record: NetworkRecord)]
        /// What the host does with packets of the network's pods.
        let host: HostFacts?
    }

    mutating func run(_ context: Context) throws {
        guard !context.arguments.isEmpty else {
            throw CommandError.usage("must provide at least one network")
        }
        let catalog = try context.networks()
        let users = try context.networkUsers()
        let facts = try context.arguments.map { name in
            guard let entry = catalog[name] else {
                throw NetworkCatalogError.notFound([name], broken: [])
            }
            return Self.facts(entry, users, context)
        }
        if let json = format.encoded(.array(facts.map(Self.json))) { return context.print(json) }
        let texts = facts.map { Self.lines($0).joined(separator: "\n") }
        context.print(texts.joined(separator: "\n\n"))
    }

    private static func facts(
        _ entry: NetworkCatalog.Entry,
        _ users: [(uuid: PodUUID, record: NetworkRecord)],
        _ context: Context
    ) -> Facts {
        let search = context.plugins
        let missing = entry.plugins.filter { !search.has($0) }
        return Facts(
            entry: entry,
            missing: missing,
            status: missing.isEmpty ? status(entry, search) : nil,
            pods: users.filter { $0.record.name == entry.name },
            host: HostFacts(entry, context)
        )
    }

    /// What plugins of version 1.1 answer.
    private static func status(_ entry: NetworkCatalog.Entry, _ search: PluginSearch) -> String? {
        guard let file = entry.file else { return nil }
        do throws(PluginError) {
            let isAnswered = try PluginRuntime(search, limit: .seconds(10)).status(
                file.configuration
            )
            return isAnswered ? "ready" : nil
        } catch {
            return error.description
        }
    }

    private static func lines(_ facts: Facts) -> [String] {
        let entry = facts.entry
        var lines = ["name=\(entry.name)", "file=\(entry.file?.path ?? "")"]
        lines.append("plugins=\(entry.plugins.joined(separator: ","))")
        if !facts.missing.isEmpty {
            lines.append("missing=\(facts.missing.joined(separator: ","))")
        }
        if let status = facts.status { lines.append("status=\(status)") }
        lines.append("subnets=\(entry.subnets.map(\.description).joined(separator: ","))")
        lines += facts.pods.map { pod in
            "pod-\(pod.uuid.short)=\(addresses(pod.record).joined(separator: ","))"
        }
        lines += facts.host?.lines ?? []
        return lines.map { printable($0) }
    }

    private static func json(_ facts: Facts) -> JSON {
        let entry = facts.entry
        let pods: [JSON] = facts.pods.map { pod in
            [
                "uuid": .string(pod.uuid.description),
                "interface": .string(pod.record.interface),
                "addresses": .array(addresses(pod.record).map(JSON.string)),
            ]
        }
        return .object(
            (entry.json.members ?? []) + [
                .init("missing", .array(facts.missing.map(JSON.string))),
                .init("status", facts.status.map(JSON.string) ?? .null),
                .init("pods", .array(pods)),
                .init("host", facts.host?.json ?? .null),
                .init("configuration", entry.file?.configuration.document ?? .null),
            ]
        )
    }

    private static func addresses(_ record: NetworkRecord) -> [String] {
        (record.address4.isEmpty ? [] : [record.address4])
            + record.addresses6.map { String($0.prefix { $0 != "/" }) }
    }
}

extension Context {
    /// The networks of the running pods of the data directory.
    func networkUsers() throws(PodError) -> [(uuid: PodUUID, record: NetworkRecord)] {
        let pods = try pods()
        var users: [(uuid: PodUUID, record: NetworkRecord)] = []
        for location in try pods.list([.run]) {
            guard let pod = try pods.observe(location), try pod.isLocked() else { continue }
            users += pod.directory.networkRecords().map { (location.uuid, $0) }
        }
        return users
    }
}
