/// An IP address of either version.
package struct IPAddress: Hashable, Sendable {
    /// The version of the protocol.
    package enum Version: UInt8, Sendable {
        case four = 4
        case six = 6

        /// The number of bits of an address.
        package var bits: Int { self == .four ? 32 : 128 }
    }

    package let version: Version
    /// The address as a number.
    package let value: UInt128

    /// The address with a number; nil if the version has no such number.
    package init?(_ version: Version, _ value: UInt128) {
        guard version == .six || value <= UInt128(UInt32.max) else { return nil }
        self.version = version
        self.value = value
    }

    /// The address whose bytes come first to last, 4 or 16 of them.
    package init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: version = .four
        case 16: version = .six
        default: return nil
        }
        value = bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// Its bytes, the first one first: 4 or 16.
    package var bytes: [UInt8] {
        stride(from: version.bits - 8, through: 0, by: -8)
            .map { UInt8(truncatingIfNeeded: value >> UInt128($0)) }
    }

    /// Whether the address leads back to where it is used: 127.0.0.0/8 or ::1.
    package var isLoopback: Bool { version == .four ? value >> 24 == 127 : value == 1 }

    /// Whether it stands for no address: 0.0.0.0 or ::.
    package var isUnspecified: Bool { value == 0 }
}

extension IPAddress: Comparable {
    package static func < (left: IPAddress, right: IPAddress) -> Bool {
        (left.version.rawValue, left.value) < (right.version.rawValue, right.value)
    }
}

extension IPAddress: CustomStringConvertible {
    /// The address as RFC 5952 writes it.
    package var description: String {
        if version == .four { return bytes.map { String($0) }.joined(separator: ".") }
        let words = stride(from: 112, through: 0, by: -16)
            .map { UInt16(truncatingIfNeeded: value >> UInt128($0)) }
        let gap = Self.longestRunOfZeros(words)
        guard gap.count > 1 else { return Self.text(words[...]) }
        return Self.text(words[..<gap.lowerBound]) + "::" + Self.text(words[gap.upperBound...])
    }

    private static func text(_ words: ArraySlice<UInt16>) -> String {
        words.map { String($0, radix: 16) }.joined(separator: ":")
    }

    private static func longestRunOfZeros(_ words: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for (index, word) in words.enumerated() {
            if word != 0 { start = index + 1 }
            if index + 1 - start > longest.count { longest = start..<(index + 1) }
        }
        return longest
    }
}
