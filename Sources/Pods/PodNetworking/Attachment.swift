package import Addresses
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
