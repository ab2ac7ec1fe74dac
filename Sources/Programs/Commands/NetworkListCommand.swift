internal import Addresses
internal import JSON
internal import PodNetworking

/// `rkt network list`.
struct NetworkListCommand: Command {
    static let name = "network list"
    static let summary = "List the networks that pods can be on"
    static let usage = "[--no-legend] [--format=json|json-pretty]"
    static let details = """
        Lists the built-in networks and those described in net.d of the local configuration directory, in the order in \
        which a pod on all of them would have its interfaces.
        """

    static var flags: [Flag<Self>] {
        [
            .bool("no-legend", "suppress a legend with the list") { $0.hasLegend = !$1 },
            OutputFormat.flag { $0.format = $1 },
        ]
    }

    private var hasLegend = true
    private var format = OutputFormat.text

    mutating func run(_ context: Context) throws {
        try context.refuseArguments()
        let catalog = try context.networks()
        if let json = format.encoded(.array(catalog.entries.map(\.json))) {
            return context.print(json)
        }
        var table = Table()
        if hasLegend { table.append(["NAME", "PLUGINS", "SUBNETS", "FILE"]) }
        for entry in catalog.entries {
            table.append([
                entry.name,
                entry.plugins.isEmpty ? "built-in" : entry.plugins.joined(separator: ","),
                entry.subnets.isEmpty
                    ? "-" : entry.subnets.map(\.description).joined(separator: ","),
                entry.file?.path ?? "-",
            ])
        }
        context.print(table.text, terminator: "")
    }
}

extension Context {
    /// The networks of this host; files that don't count are told about.
    func networks() throws(NetworkCatalogError) -> NetworkCatalog {
        let catalog = try NetworkCatalog(configuration: options.localConfiguration)
        for remark in catalog.remarks + catalog.broken { complain("warning: \(remark)") }
        return catalog
    }
}

extension NetworkCatalog.Entry {
    /// The network as an object; keys are added, never changed.
    var json: JSON {
        .object([
            .init("name", .string(name)),
            .init("builtin", .bool(file == nil)),
            .init("file", file.map { .string($0.path) } ?? .null),
            .init("plugins", .array(plugins.map(JSON.string))),
            .init("subnets", .array(subnets.map { .string($0.description) })),
        ])
    }
}
