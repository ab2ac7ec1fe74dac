/// Writes tar blocks with any field set to anything, and the right checksum.
struct RawTar {
    var bytes: [UInt8] = []

    /// Adds a header with fields replaced, and its content.
    mutating func add(
        _ name: String,
        type: Character = "0",
        content: String = "",
        size: [UInt8]? = nil,
        fields: [(offset: Int, bytes: [UInt8])] = []
    ) {
        let start = bytes.count
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: [UInt8], _ offset: Int) {
            block.replaceSubrange(offset..<offset + text.count, with: text)
        }
        put(Array(name.utf8.prefix(100)), 0)
        put(Array("0000644".utf8), 100)
        put(size ?? Array(Self.octal(content.utf8.count).utf8), 124)
        put(Array("ustar\u{0}00".utf8), 257)
        block[156] = type.asciiValue ?? 0
        for field in fields { put(field.bytes, field.offset) }
        bytes += block
        Self.seal(&bytes, at: start)
        bytes += Array(content.utf8)
        bytes += [UInt8](repeating: 0, count: (512 - content.utf8.count % 512) % 512)
    }

    /// A size field of a huge number in base 256.
    static func base256(_ number: UInt64) -> [UInt8] {
        [0x80, 0, 0, 0] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    static func octal(_ number: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: 11 - text.utf8.count) + text
    }

    /// Makes the checksum of a block right.
    static func seal(_ bytes: inout [UInt8], at start: Int) {
        bytes.replaceSubrange(start + 148..<start + 156, with: [UInt8](repeating: 0x20, count: 8))
        let sum = bytes[start..<start + 512].reduce(0) { $0 + Int($1) }
        bytes.replaceSubrange(start + 148..<start + 154, with: octal(sum).utf8.suffix(6))
    }
}
