/// An address with the length of its network's prefix, in CIDR notation.
///
/// The address may be any of the network's: `10.1.2.3/24` is a host's way to write `10.1.2.0/24`.
package struct IPPrefix: Hashable, Sendable {
    package let address: IPAddress
    /// The number of leading bits that all addresses of the network share.
    package let length: Int

    /// An address in a network; nil if the version has no such length.
    package init?(_ address: IPAddress, length: Int) {
        guard (0...address.version.bits).contains(length) else { return nil }
        self.address = address
        self.length = length
    }

    /// Reads `ADDRESS/LENGTH`; nil if it isn't one.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0]),
            (1...3).contains(parts[1].utf8.count), !parts[1].hasPrefix("+"),
            let length = Int(parts[1])
        else { return nil }
        self.init(address, length: length)
    }

    /// The network of a single address.
    package init(only address: IPAddress) {
        self.address = address
        length = address.version.bits
    }

    /// The bits that tell addresses of the network apart.
    private var hostMask: UInt128 {
        let hostBits = address.version.bits - length
        return hostBits == 128 ? .max : (1 << UInt128(hostBits)) - 1
    }

    /// The same network, written with its first address.
    package var network: IPPrefix {
        Self(unchecked: address.value & ~hostMask, like: self)
    }

    /// The last address: of version 4 the broadcast address.
    package var last: IPAddress {
        Self(unchecked: address.value | hostMask, like: self).address
    }

    /// The mask in the notation of addresses (`255.255.255.0`).
    package var mask: IPAddress {
        let all: UInt128 = address.version == .four ? UInt128(UInt32.max) : .max
        return Self(unchecked: all & ~hostMask, like: self).address
    }

    /// Whether an address lies in the network.
    package func contains(_ other: IPAddress) -> Bool {
        other.version == address.version
            && (other.value ^ address.value) & ~hostMask == 0
    }

    /// Whether two networks have addresses in common.
    package func overlaps(_ other: IPPrefix) -> Bool {
        contains(other.address) || other.contains(address)
    }

    private init(unchecked value: UInt128, like other: IPPrefix) {
        address = IPAddress(other.address.version, value) ?? other.address
        length = other.length
    }
}

extension IPPrefix: CustomStringConvertible {
    package var description: String { "\(address)/\(length)" }
}
