internal import Linux

/// The name of a pod: a random UUID (RFC 9562, version 4), written in lower case.
package struct PodUUID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// How many characters a UUID has.
    package static let length = 36

    /// The whole name.
    package let description: String

    /// A new name that nobody else has.
    package init() {
        let digits = Array(randomHex(bytes: 16).utf8)
        let variant = Array("89ab".utf8)
        var text: [UInt8] = []
        for (index, digit) in digits.enumerated() {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                text.append(UInt8(ascii: "-"))
            }
            switch index {
            case 12: text.append(UInt8(ascii: "4"))
            case 16: text.append(variant[Int(digit & 3)])
            default: text.append(digit)
            }
        }
        description = String(decoding: text, as: UTF8.self)
    }

    /// Reads a whole UUID, of either case; nil if it isn't one.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.length else { return nil }
        for (index, byte) in bytes.enumerated() {
            let isDash = index == 8 || index == 13 || index == 18 || index == 23
            guard isDash ? byte == UInt8(ascii: "-") : isHexDigit(byte) else { return nil }
        }
        description = text.lowercased()
    }

    /// The first eight characters, as tables show it.
    package var short: String { String(description.prefix(8)) }

    /// Whether the name begins with what a user typed, of either case.
    package func matches(prefix: String) -> Bool { description.hasPrefix(prefix.lowercased()) }

    package static func < (left: PodUUID, right: PodUUID) -> Bool {
        left.description < right.description
    }
}

private func isHexDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): true
    default: false
    }
}
