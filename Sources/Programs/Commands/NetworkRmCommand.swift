internal import CNI
internal import Linux
internal import PodLifecycle
internal import PodNetworking

/// `rkt network rm`.
struct NetworkRmCommand: Command {
    static let name = "network rm"
    static let summary = "Remove the descriptions of networks"
    static let usage = "NAME ..."
    static let details = """
        Removes the file that describes a network, and its bridge if rkt network create described it. A network with a \
        running pod on it stays. A built-in network can't be removed; one that a file has overridden is the built-in one again.
        """
    static let needsUserNamespace = true

    mutating func run(_ context: Context) throws {
        guard !context.arguments.isEmpty else {
            throw CommandError.usage("must provide at least one network")
        }
        let catalog = try context.networks()
        let users = try context.networkUsers()
        var hasFailed = false
        for name in context.arguments {
            do {
                try remove(name, catalog, users.filter { $0.record.name == name }.map(\.uuid))
                context.print("\"\(name)\"")
            } catch {
                context.complain("\(error)")
                hasFailed = true
            }
        }
        if hasFailed { throw CommandError.failed("failed to remove one or more networks") }
    }

    private func remove(_ name: String, _ catalog: NetworkCatalog, _ users: [PodUUID]) throws {
        guard let entry = catalog[name] else {
            throw NetworkCatalogError.notFound([name], broken: [])
        }
        guard let file = entry.file else {
            throw CommandError.failed("the network \"\(name)\" is built in")
        }
        if let user = users.first {
            throw CommandError.failed(
                "pod \"\(user)\" is on the network \"\(name)\" (see rkt stop)"
            )
        }
        let path = file.path.lastIndex(of: "/").map { file.path[..<$0] } ?? "."
        do throws(Errno) {
            try Directory(path: String(path)).remove(entry.fileName)
        } catch {
            throw CommandError.failed("cannot remove \"\(file.path)\": \(error)")
        }
        // A bridge of another name may be anybody's.
        let own = NewNetwork.bridge(of: file.configuration.name)
        if file.configuration.bridges == [own] { try HostBridges.remove(own) }
    }
}
