package import Addresses

/// The machine's own prefix of version 6 addresses, which nobody routes (RFC 4193).
///
/// The RFC wants it random, so that two sites can be joined. It is made of the machine's id: so it stays the same without
/// anybody storing it, whatever data directory is used.
package struct LocalPrefix: Equatable, Sendable {
    /// Eight bits of `fd`, 40 of the machine's, 16 of the network, as the upper half of an address.
    private let upper: UInt64

    /// The prefix of a machine with an id (`machine-id(5)`).
    package init(machineID: [UInt8]) {
        // FNV-1a: only that machines differ matters, and the id can't be computed from 40 bits.
        let hash = machineID.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
        }
        upper = 0xFD << 56 | (hash & 0xFF_FFFF_FFFF) << 16
    }

    /// The part of a built-in network.
    package func prefix(of network: BuiltInNetwork) -> IPPrefix {
        prefix(number: network.number)
    }

    private func prefix(number: UInt16) -> IPPrefix {
        let value = UInt128(upper | UInt64(number)) << 64
        guard let address = IPAddress(.six, value), let prefix = IPPrefix(address, length: 64)
        else { fatalError("\(value) is no address") }
        return prefix
    }

    /// The address that belongs to one of version 4: both have the same number in their network.
    package func address(
        beside address: IPAddress,
        in network: BuiltInNetwork
    ) -> IPAddress {
        let base = prefix(of: network).address
        let number = address.value - network.subnet.network.address.value
        return IPAddress(.six, base.value + number) ?? base
    }
}
