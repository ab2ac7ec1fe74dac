/// Bytes as text (RFC 4648).
package enum Base64 {
    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let padding = UInt8(ascii: "=")

    /// The text for bytes, with padding.
    package static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                let letter = letters[word >> (18 - 6 * place) & 63]
                result.append(place <= group.count ? letter : padding)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The bytes behind a text in either alphabet, with padding; nil if it isn't exactly that.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var (word, digits, pads): (UInt32, Int, Int) = (0, 0, 0)
        for letter in text {
            if letter == padding {
                pads += 1
                continue
            }
            guard pads == 0, let value = value(letter) else { return nil }
            word = word << 6 | value
            digits += 1
            if digits == 4 {
                result += [16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
                (word, digits) = (0, 0)
            }
        }
        switch (digits, pads) {
        case (0, 0): break
        case (2, 2) where word & 0xF == 0: result.append(UInt8(truncatingIfNeeded: word >> 4))
        case (3, 1) where word & 0x3 == 0:
            result += [UInt8(truncatingIfNeeded: word >> 10), UInt8(truncatingIfNeeded: word >> 2)]
        default: return nil
        }
        return result
    }

    private static func value(_ letter: UInt8) -> UInt32? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(letter - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(letter - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(letter - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
