extension JSON {
    /// How an encoded document is laid out.
    package enum Style: Sendable {
        /// Everything on one line, no spaces.
        case compact
        /// One value a line, indented by a tab a level.
        case tabs
        /// One value a line, indented by this many spaces a level.
        case spaces(Int)
    }

    /// The document as text, byte for byte what Go's `encoding/json` writes for the same value.
    ///
    /// Go's escapes matter because image IDs and golden files depend on them: `<`, `>`, `&`, U+2028 and
    /// U+2029 are written as `\u003c` and so on.
    package func encoded(_ style: Style = .compact) -> String {
        String(decoding: encodedBytes(style), as: UTF8.self)
    }

    /// The document as UTF-8.
    package func encodedBytes(_ style: Style = .compact) -> [UInt8] {
        var encoder = JSONEncoder(style)
        encoder.append(self)
        return encoder.output
    }
}

private struct JSONEncoder {
    private(set) var output: [UInt8] = []
    private let indent: [UInt8]
    private let isPretty: Bool
    private var level = 0

    init(_ style: JSON.Style) {
        switch style {
        case .compact: (indent, isPretty) = ([], false)
        case .tabs: (indent, isPretty) = ([0x09], true)
        case .spaces(let count): (indent, isPretty) = (Array(repeating: 0x20, count: count), true)
        }
    }

    mutating func append(_ value: JSON) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let number): append(String(number))
        case .number(let text): append(text)
        case .string(let text): appendString(text)
        case .array(let elements):
            appendList("[", "]", count: elements.count) { encoder, index in
                encoder.append(elements[index])
            }
        case .object(let members):
            appendList("{", "}", count: members.count) { encoder, index in
                encoder.appendString(members[index].name)
                encoder.append(encoder.isPretty ? ": " : ":")
                encoder.append(members[index].value)
            }
        }
    }

    private mutating func appendList(
        _ open: String,
        _ close: String,
        count: Int,
        item: (inout JSONEncoder, Int) -> Void
    ) {
        append(open)
        level += 1
        for index in 0..<count {
            if index > 0 { append(",") }
            breakLine()
            item(&self, index)
        }
        level -= 1
        if count > 0 { breakLine() }
        append(close)
    }

    private mutating func breakLine() {
        guard isPretty else { return }
        append("\n")
        for _ in 0..<level { output.append(contentsOf: indent) }
    }

    /// Copies runs of bytes that need no escape in one piece.
    private mutating func appendString(_ text: String) {
        output.append(UInt8(ascii: "\""))
        let bytes = Array(text.utf8)
        var start = 0
        for index in bytes.indices {
            guard let escape = escape(of: bytes, at: index) else { continue }
            output.append(contentsOf: bytes[start..<index])
            append(escape.text)
            start = index + escape.length
        }
        output.append(contentsOf: bytes[start...])
        output.append(UInt8(ascii: "\""))
    }

    /// How the character that begins at `index` is escaped, and its length; nil if it stays as it is.
    private func escape(of bytes: [UInt8], at index: Int) -> (text: String, length: Int)? {
        switch bytes[index] {
        case UInt8(ascii: "\""): return ("\\\"", 1)
        case UInt8(ascii: "\\"): return ("\\\\", 1)
        case UInt8(ascii: "\n"): return ("\\n", 1)
        case UInt8(ascii: "\r"): return ("\\r", 1)
        case UInt8(ascii: "\t"): return ("\\t", 1)
        case UInt8(ascii: "<"): return ("\\u003c", 1)
        case UInt8(ascii: ">"): return ("\\u003e", 1)
        case UInt8(ascii: "&"): return ("\\u0026", 1)
        case 0x00..<0x10: return ("\\u000" + String(bytes[index], radix: 16), 1)
        case 0x10..<0x20: return ("\\u00" + String(bytes[index], radix: 16), 1)
        case 0xE2:
            // U+2028 and U+2029 end a line to JavaScript.
            let rest = bytes[(index + 1)...].prefix(2)
            if rest.elementsEqual([0x80, 0xA8]) { return ("\\u2028", 3) }
            if rest.elementsEqual([0x80, 0xA9]) { return ("\\u2029", 3) }
            return nil
        default: return nil
        }
    }

    private mutating func append(_ text: String) {
        output.append(contentsOf: text.utf8)
    }
}
