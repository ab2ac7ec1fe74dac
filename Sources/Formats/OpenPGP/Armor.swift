/// Takes away the text around OpenPGP packets (RFC 4880, section 6).
enum Armor {
    /// What is armored.
    enum Kind: String {
        case signature = "PGP SIGNATURE"
        case publicKey = "PGP PUBLIC KEY BLOCK"
    }

    /// The packets of a file, which is binary or holds one or more armored blocks of one kind.
    static func packets(of bytes: [UInt8], _ kind: Kind) throws(OpenPGPError) -> [UInt8] {
        // Every packet begins with the highest bit set, which no armor has.
        if let first = bytes.first, first & 0x80 != 0 { return bytes }
        var lines = bytes.split(separator: newline, omittingEmptySubsequences: false)[...]
        var result: [UInt8] = []
        while let line = lines.popFirst() {
            let text = trimmed(line)
            if text.isEmpty { continue }
            guard text == Array("-----BEGIN \(kind.rawValue)-----".utf8) else {
                throw .armor("it does not begin with \(kind.rawValue)")
            }
            result += try block(&lines, kind)
        }
        guard !result.isEmpty else { throw .armor("there is nothing in it") }
        return result
    }

    /// Packets as text, the way every OpenPGP program reads it.
    static func text(of packets: [UInt8], _ kind: Kind) -> String {
        let body = base64(packets)
        let lines = stride(from: 0, to: body.count, by: 64).map { start in
            String(decoding: body[start..<min(start + 64, body.count)], as: UTF8.self)
        }
        let sum = String(decoding: base64(crc24(packets)), as: UTF8.self)
        return
            (["-----BEGIN \(kind.rawValue)-----", ""] + lines
            + ["=\(sum)", "-----END \(kind.rawValue)-----", ""]).joined(separator: "\n")
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let padded = (group + [0, 0]).prefix(3).reduce(0) { $0 << 8 | Int($1) }
            for index in 0..<4 {
                result.append(
                    index <= group.count
                        ? digits[padded >> (18 - 6 * index) & 63] : UInt8(ascii: "=")
                )
            }
        }
        return result
    }

    private static let newline = UInt8(ascii: "\n")

    /// The content of one block, whose first line is taken already.
    private static func block(
        _ lines: inout ArraySlice<ArraySlice<UInt8>>,
        _ kind: Kind
    ) throws(OpenPGPError) -> [UInt8] {
        // Headers such as "Version: …" end with an empty line.
        while let line = lines.popFirst(), !trimmed(line).isEmpty {
            guard line.contains(UInt8(ascii: ":")) else { throw .armor("a header has no colon") }
        }
        var decoder = Base64Decoder()
        var checksum: [UInt8]?
        while let line = lines.popFirst() {
            let text = trimmed(line)
            if text == Array("-----END \(kind.rawValue)-----".utf8) {
                let content = try decoder.finish()
                if let checksum, checksum != crc24(content) { throw .armor("bad checksum") }
                return content
            }
            if text.first == UInt8(ascii: "="), text.count == 5, checksum == nil {
                var sum = Base64Decoder()
                try sum.add(text.dropFirst())
                checksum = try sum.finish()
                continue
            }
            guard checksum == nil else { throw .armor("there is text behind the checksum") }
            try decoder.add(text[...])
        }
        throw .armor("it has no end")
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x0D || byte == 0x09 }
        let rest = line.drop(while: isSpace)
        return Array(rest.prefix(rest.count - rest.reversed().prefix(while: isSpace).count))
    }

    private static func crc24(_ bytes: [UInt8]) -> [UInt8] {
        var crc: UInt32 = 0xB7_04CE
        for byte in bytes {
            crc ^= UInt32(byte) << 16
            for _ in 0..<8 {
                crc <<= 1
                if crc & 0x100_0000 != 0 { crc ^= 0x186_4CFB }
            }
        }
        return [UInt8(crc >> 16 & 0xFF), UInt8(crc >> 8 & 0xFF), UInt8(crc & 0xFF)]
    }
}

/// Decodes base64 line by line; strict but for line ends.
struct Base64Decoder {
    private var result: [UInt8] = []
    private var bits: UInt32 = 0
    private var digits = 0
    private var padding = 0

    mutating func add(_ text: ArraySlice<UInt8>) throws(OpenPGPError) {
        for character in text {
            if character == UInt8(ascii: "="), digits >= 2, digits + padding < 4 {
                padding += 1
                continue
            }
            guard padding == 0, let value = Self.value(character) else {
                throw .armor("it is not base64")
            }
            bits = bits << 6 | value
            digits += 1
            if digits == 4 {
                result += [UInt8(bits >> 16 & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
                (bits, digits) = (0, 0)
            }
        }
    }

    consuming func finish() throws(OpenPGPError) -> [UInt8] {
        switch (digits, padding) {
        case (0, 0): break
        case (2, 2) where bits & 0xF == 0: result.append(UInt8(bits >> 4 & 0xFF))
        case (3, 1) where bits & 0x3 == 0:
            result += [UInt8(bits >> 10 & 0xFF), UInt8(bits >> 2 & 0xFF)]
        default: throw .armor("it is not base64")
        }
        return result
    }

    private static func value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
