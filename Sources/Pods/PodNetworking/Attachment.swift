package import Addresses
package import CNI
internal import JSON
package import PodLifecycle

/// What a pod got from one network: the same for a built-in one and for one that a plugin made.
package struct Attachment: Equatable, Sendable {
    /// The network's name.
    package var network: String
    /// The interface in the pod.
    package var interface: String
    /// The pod's addresses, each with the length of its network's prefix.
    package var addresses: [IPPrefix]
    /// The file that describes the network; a built-in network's name of old.
    package var configuration: String
    /// The plugin's program; empty for a built-in network.
    package var plugin = ""
    /// The arguments behind the network's name in `--net`.
    package var arguments = ""
    /// Whether packets to the outside look as if they came from the host.
    package var isMasqueraded = false
    /// How the network wants names to be found.
    package var nameService = NameService()

    /// An interface in a network.
    package init(
        network: String,
        interface: String,
        addresses: [IPPrefix],
        configuration: String
    ) {
        self.network = network
        self.interface = interface
        self.addresses = addresses
        self.configuration = configuration
    }

    /// What plugins made.
    init(_ chosen: ChosenNetwork, _ file: NetworkCatalog.File, _ result: NetworkResult) {
        network = chosen.entry.name
        interface = chosen.interface
        addresses = result.addresses.map(\.prefix)
        configuration = file.path
        plugin = file.configuration.plugins.map(\.type).joined(separator: ",")
        arguments = chosen.arguments.text
        isMasqueraded = chosen.entry.isMasqueraded
        nameService = result.nameService
    }

    /// The first address of a version.
    package func address(_ version: IPAddress.Version) -> IPPrefix? {
        addresses.first { $0.address.version == version }
    }

    /// The attachment as `net-info.json` keeps it.
    package var record: NetworkRecord {
        let four = address(.four)
        return NetworkRecord(
            name: network,
            interface: interface,
            address4: four?.address.description ?? "",
            mask: four?.mask.description ?? "",
            addresses6: addresses.filter { $0.address.version == .six }.map(\.description),
            configuration: configuration,
            plugin: plugin,
            arguments: arguments
        )
    }
}

extension NetworkCatalog.Entry {
    /// Whether pods look like the host outside.
    var isMasqueraded: Bool {
        guard let file else { return builtIn?.reach == .everywhere }
        let document = file.configuration.document
        let plugins = (try? JSONCursor(document).optional("plugins")?.elements()) ?? nil
        return (plugins ?? [JSONCursor(document)]).contains { plugin in
            (try? plugin.optional("ipMasq")?.bool()) == true
        }
    }
}
