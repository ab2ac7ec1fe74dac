package import Addresses

/// A network that needs no program and no configuration: each pod has a wire of its own to the host, which routes.
///
/// On a wire with two ends nobody can speak for somebody else: there is no bridge that ARP or router advertisements of
/// one pod could reach another through, and the host takes from each wire only its pod's addresses (see `HostTable`).
package struct BuiltInNetwork: Hashable, Sendable {
    /// How far packets of a pod get.
    package enum Reach: Sendable {
        /// Everywhere: to other pods, and through the host, as the host, to the outside.
        case everywhere
        /// To the host's address in this network, and no further.
        case hostOnly
    }

    package let name: String
    /// The name that its configuration file had in rkt, by which networks are ordered.
    package let fileName: String
    package let subnet: IPPrefix
    /// The host's address in the network.
    package let gateway: IPAddress
    package let reach: Reach
    /// The network's place in this machine's local prefix of version 6.
    let number: UInt16
    /// Tells the network in the names of the host's interfaces.
    let letter: Character

    /// The network of pods that ask for none in particular.
    ///
    /// rkt's 172.16.28.0/24 has room for 253 pods; this one has for 4,093, and the host's address is still rkt's.
    package static let `default` = BuiltInNetwork(
        name: "default",
        fileName: "99-default.conf",
        subnet: four(172, 16, 16, 0, length: 20),
        gateway: four(172, 16, 28, 1, length: 32).address,
        reach: .everywhere,
        number: 1,
        letter: "n"
    )

    /// The network of pods that only talk to the host.
    package static let restricted = BuiltInNetwork(
        name: "default-restricted",
        fileName: "99-default-restricted.conf",
        subnet: four(172, 31, 0, 0, length: 16),
        gateway: four(172, 31, 0, 1, length: 32).address,
        reach: .hostOnly,
        number: 2,
        letter: "r"
    )

    /// All of them, in the order of their files.
    package static let all = [restricted, `default`]

    private static func four(
        _ first: UInt32,
        _ second: UInt32,
        _ third: UInt32,
        _ fourth: UInt32,
        length: Int
    ) -> IPPrefix {
        let number = first << 24 | second << 16 | third << 8 | fourth
        guard let address = IPAddress(.four, UInt128(number)),
            let prefix = IPPrefix(address, length: length)
        else { fatalError("\(number)/\(length) is no network") }
        return prefix
    }

    /// How many addresses can be given to pods, also those that are the host's.
    var hostCount: UInt32 { UInt32(clamping: subnet.last.value - subnet.network.address.value) }

    /// The address with a number, counted from the network's own; nil for those that can't be a pod's.
    func address(_ number: UInt32) -> IPAddress? {
        guard number > 0, number < hostCount,
            let address = IPAddress(.four, subnet.network.address.value + UInt128(number)),
            address != gateway
        else { return nil }
        return address
    }
}
