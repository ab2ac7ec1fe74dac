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

    private mutating func appendString(_ text: String) {
        append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case "<", ">", "&", "\u{2028}", "\u{2029}", "\0"..<" ": appendEscape(scalar)
            default:
                output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        append("\"")
    }

    private mutating func appendEscape(_ scalar: Unicode.Scalar) {
        let digits = String(scalar.value, radix: 16)
        append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
    }

    private mutating func append(_ text: String) {
        output.append(contentsOf: text.utf8)
    }
}
