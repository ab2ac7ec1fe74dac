internal import Base64

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
        let body = Array(Base64.encode(packets).utf8)
        let lines = stride(from: 0, to: body.count, by: 64).map { start in
            String(decoding: body[start..<min(start + 64, body.count)], as: UTF8.self)
        }
        let sum = Base64.encode(crc24(packets))
        return
            (["-----BEGIN \(kind.rawValue)-----", ""] + lines
            + ["=\(sum)", "-----END \(kind.rawValue)-----", ""]).joined(separator: "\n")
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
        var body: [UInt8] = []
        var checksum: [UInt8]?
        while let line = lines.popFirst() {
            let text = trimmed(line)
            if text == Array("-----END \(kind.rawValue)-----".utf8) {
                let content = try decoded(body)
                if let checksum, checksum != crc24(content) { throw .armor("bad checksum") }
                return content
            }
            if text.first == UInt8(ascii: "="), text.count == 5, checksum == nil {
                checksum = try decoded(text.dropFirst())
                continue
            }
            guard checksum == nil else { throw .armor("there is text behind the checksum") }
            body += text
        }
        throw .armor("it has no end")
    }

    private static func decoded(_ text: some Sequence<UInt8>) throws(OpenPGPError) -> [UInt8] {
        guard let bytes = Base64.decode(text) else { throw .armor("it is not base64") }
        return bytes
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
