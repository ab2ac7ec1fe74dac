/// One way to prove one's right, as a `WWW-Authenticate` header offers it (RFC 9110 §11).
struct Challenge: Sendable, Hashable {
    /// The scheme in lower case, `bearer` or `basic` for instance.
    let scheme: String
    /// The parameters, names in lower case; of two of one name the first counts.
    let parameters: [String: String]

    /// Reads the challenges of all headers of an answer, in any shape: several in a line, in any order, with blanks
    /// wherever they may be.
    static func parse(_ headers: [String]) -> [Challenge] {
        headers.flatMap { header in
            var reader = Reader(Array(header.utf8.prefix(16 << 10)))
            return reader.challenges()
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        mutating func challenges() -> [Challenge] {
            var result: [Challenge] = []
            while true {
                skip { $0 == UInt8(ascii: ",") || Self.isBlank($0) }
                guard let scheme = token(), result.count < 16 else { return result }
                result.append(Challenge(scheme: scheme.lowercased(), parameters: parameters()))
            }
        }

        /// The parameters up to the next challenge: a token that no equals sign follows begins that.
        private mutating func parameters() -> [String: String] {
            var result: [String: String] = [:]
            while true {
                skip { $0 == UInt8(ascii: ",") || Self.isBlank($0) }
                let start = position
                guard let name = token() else { return result }
                skip(Self.isBlank)
                guard peek() == UInt8(ascii: "=") else {
                    position = start
                    return result
                }
                position += 1
                skip(Self.isBlank)
                let value = peek() == UInt8(ascii: "\"") ? quotedString() : token() ?? ""
                let key = name.lowercased()
                if result[key] == nil { result[key] = value }
            }
        }

        private mutating func quotedString() -> String {
            position += 1
            var text: [UInt8] = []
            while let byte = peek(), byte != UInt8(ascii: "\"") {
                position += 1
                if byte == UInt8(ascii: "\\"), let next = peek() {
                    text.append(next)
                    position += 1
                } else {
                    text.append(byte)
                }
            }
            position += 1
            return String(decoding: text, as: UTF8.self)
        }

        private mutating func token() -> String? {
            let start = position
            skip { byte in
                switch byte {
                case UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: "\""), 0...0x20, 0x7F...:
                    false
                default: true
                }
            }
            guard position > start else {
                // What begins nothing is passed over, so that reading always ends.
                if position < bytes.count { position += 1 }
                return nil
            }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }

        private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

        private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
            while let byte = peek(), isSkipped(byte) { position += 1 }
        }

        private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    }
}
