/// Splitting text into words, and replacing variables in them, as Docker does.
package enum Words {
    /// Splits at blanks outside quotes; quotes and escapes stay in the words.
    package static func split(_ text: String, escape: UInt8) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var quote: UInt8?
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
            } else if byte == escape, quote != UInt8(ascii: "'") {
                isEscaped = true
            } else if byte == quote {
                quote = nil
            } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if quote == nil, byte == 0x20 || byte == 0x09 {
                if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
                continue
            }
            word.append(byte)
        }
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }

    /// Takes quotes and escapes away and replaces `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}` and `${NAME:?word}`.
    ///
    /// - Parameters:
    ///   - keepsQuotes: whether quotes are characters as any other, as in here-documents.
    ///   - value: of a variable; nil if it isn't set.
    package static func expand(
        _ text: String,
        escape: UInt8 = UInt8(ascii: "\\"),
        keepsQuotes: Bool = false,
        value: @escaping (String) -> String?
    ) throws(ExpansionError) -> String {
        var expansion = Expansion(Array(text.utf8), escape, keepsQuotes, value, depth: 0)
        return String(decoding: try expansion.run(), as: UTF8.self)
    }

    /// Why variables couldn't be replaced.
    package struct ExpansionError: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// A letter, digit or underscore.
    static func isNameByte(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_")
    }

    /// A length of time as Go writes it, for instance `1m30s`; nil if it isn't one.
    static func nanoseconds(_ text: String) -> Int64? {
        let units: [(String, Int64)] = [
            ("ns", 1), ("us", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
            ("m", 60_000_000_000), ("h", 3_600_000_000_000),
        ]
        var rest = Substring(text)
        var total: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest[digits.endIndex...]
            let letters = rest.prefix { $0.isLetter }
            rest = rest[letters.endIndex...]
            guard let number = Int64(digits), let unit = units.first(where: { $0.0 == letters })
            else { return nil }
            let (product, tooLarge) = number.multipliedReportingOverflow(by: unit.1)
            let (sum, overflow) = total.addingReportingOverflow(product)
            guard !tooLarge, !overflow else { return nil }
            total = sum
        }
        return total
    }
}

/// One replacement at work.
private struct Expansion {
    private static let deepest = 16
    /// Nested defaults could double a text with every level.
    private static let longest = 1 << 20

    private let text: [UInt8]
    private let escape: UInt8
    private let keepsQuotes: Bool
    private let value: (String) -> String?
    private let depth: Int
    private var index = 0
    private var result: [UInt8] = []

    init(
        _ text: [UInt8],
        _ escape: UInt8,
        _ keepsQuotes: Bool,
        _ value: @escaping (String) -> String?,
        depth: Int
    ) {
        self.text = text
        self.escape = escape
        self.keepsQuotes = keepsQuotes
        self.value = value
        self.depth = depth
    }

    mutating func run() throws(Words.ExpansionError) -> [UInt8] {
        guard depth < Self.deepest else { throw error("variables are nested too deep") }
        var quote: UInt8?
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == escape, quote != UInt8(ascii: "'"), index < text.count {
                let next = text[index]
                // In double quotes only these lose a meaning.
                let isSpecial =
                    [UInt8(ascii: "$"), UInt8(ascii: "\""), escape].contains(next)
                if (quote != nil || keepsQuotes) && !isSpecial { result.append(byte) }
                result.append(next)
                index += 1
            } else if !keepsQuotes, byte == quote {
                quote = nil
            } else if !keepsQuotes, quote == nil,
                byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
            {
                quote = byte
            } else if byte == UInt8(ascii: "$"), quote != UInt8(ascii: "'") {
                try variable()
            } else {
                result.append(byte)
            }
            guard result.count <= Self.longest else { throw error("the result is too long") }
        }
        guard quote == nil else { throw error("a quote is not closed") }
        return result
    }

    private mutating func variable() throws(Words.ExpansionError) {
        guard index < text.count else { return result.append(UInt8(ascii: "$")) }
        if text[index] == UInt8(ascii: "{") {
            index += 1
            return try braced()
        }
        let name = takeName()
        guard !name.isEmpty else { return result.append(UInt8(ascii: "$")) }
        result += Array((value(name) ?? "").utf8)
    }

    private mutating func takeName() -> String {
        let start = index
        while index < text.count, Words.isNameByte(text[index]) { index += 1 }
        return String(decoding: text[start..<index], as: UTF8.self)
    }

    private mutating func braced() throws(Words.ExpansionError) {
        let name = takeName()
        guard !name.isEmpty, index < text.count else { throw error("a variable has no name") }
        let found = value(name)
        if text[index] == UInt8(ascii: "}") {
            index += 1
            result += Array((found ?? "").utf8)
            return
        }
        let treatsEmptyAsUnset = text[index] == UInt8(ascii: ":")
        if treatsEmptyAsUnset { index += 1 }
        guard index < text.count else { throw error("${\(name) is not closed") }
        let operation = text[index]
        index += 1
        let word = try takeWord(name)
        let isSet = found.map { !treatsEmptyAsUnset || !$0.isEmpty } ?? false
        switch operation {
        case UInt8(ascii: "-"): result += isSet ? Array((found ?? "").utf8) : try nested(word)
        case UInt8(ascii: "+"): result += isSet ? try nested(word) : []
        case UInt8(ascii: "?"):
            guard isSet else {
                throw error("\(name): \(String(decoding: try nested(word), as: UTF8.self))")
            }
            result += Array((found ?? "").utf8)
        default: throw error("${\(name)…}: only :-, :+ and :? are known")
        }
    }

    private func nested(_ word: [UInt8]) throws(Words.ExpansionError) -> [UInt8] {
        var inner = Expansion(word, escape, keepsQuotes, value, depth: depth + 1)
        return try inner.run()
    }

    /// The text up to the brace that closes this variable.
    private mutating func takeWord(_ name: String) throws(Words.ExpansionError) -> [UInt8] {
        let start = index
        var open = 1
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == escape {
                index += 1
            } else if byte == UInt8(ascii: "{") {
                open += 1
            } else if byte == UInt8(ascii: "}") {
                open -= 1
                if open == 0 { return Array(text[start..<(index - 1)]) }
            }
        }
        throw error("${\(name) is not closed")
    }

    private func error(_ text: String) -> Words.ExpansionError {
        Words.ExpansionError(description: text)
    }
}
