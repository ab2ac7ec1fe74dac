package import JSON
package import Linux

/// What can be said about one network of a pod, as the pod's `net-info.json` keeps it.
///
/// The keys are rkt's; `ip6` is ours.
package struct NetworkRecord: Equatable, Sendable {
    /// The network's name.
    package var name: String
    /// The interface in the pod.
    package var interface: String
    /// The pod's address of version 4; empty if it has none.
    package var address4: String
    /// Its network's mask, as an address is written.
    package var mask: String
    /// The pod's addresses of version 6, with the lengths of their prefixes.
    package var addresses6: [String]
    /// The file that describes the network.
    package var configuration: String
    /// The plugin's program.
    package var plugin: String
    /// What stood behind the network's name in `--net`.
    package var arguments: String

    /// A network of a pod.
    package init(
        name: String,
        interface: String,
        address4: String,
        mask: String,
        addresses6: [String],
        configuration: String,
        plugin: String,
        arguments: String
    ) {
        self.name = name
        self.interface = interface
        self.address4 = address4
        self.mask = mask
        self.addresses6 = addresses6
        self.configuration = configuration
        self.plugin = plugin
        self.arguments = arguments
    }

    /// The network as an object of the file.
    package var json: JSON {
        var members: [JSON.Member] = [
            .init("netName", .string(name)), .init("netConf", .string(configuration)),
            .init("pluginPath", .string(plugin)), .init("ifName", .string(interface)),
            .init("ip", .string(address4)), .init("args", .string(arguments)),
            .init("mask", .string(mask)),
        ]
        if !addresses6.isEmpty {
            members.append(.init("ip6", .array(addresses6.map { .string($0) })))
        }
        return .object(members)
    }

    /// The network's addresses as tables show them: `NAME:ip4=ADDRESS`, `NAME:ip6=ADDRESS`.
    package var summary: [String] {
        let six = addresses6.map { address in
            "\(name):ip6=\(address.prefix { $0 != "/" })"
        }
        return (address4.isEmpty ? [] : ["\(name):ip4=\(address4)"]) + six
    }

    fileprivate init(_ object: JSONCursor) throws(JSONError) {
        func text(_ key: String) throws(JSONError) -> String {
            try object.optional(key)?.string() ?? ""
        }
        name = try text("netName")
        interface = try text("ifName")
        address4 = try text("ip")
        mask = try text("mask")
        configuration = try text("netConf")
        plugin = try text("pluginPath")
        arguments = try text("args")
        addresses6 = []
        for address in try object.optional("ip6")?.elements() ?? [] {
            addresses6.append(try address.string())
        }
    }
}

extension Directory {
    /// The networks of the pod whose directory this is; none if it never got as far.
    package func networkRecords() -> [NetworkRecord] {
        guard let bytes = try? readFile(PodFile.networks, limit: 1 << 20) else { return [] }
        let cursor = (try? JSON.parse(bytes)).map { JSONCursor($0) }
        return (try? cursor?.elements().map { try NetworkRecord($0) }) ?? []
    }
}
