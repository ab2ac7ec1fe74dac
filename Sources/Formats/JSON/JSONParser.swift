/// A recursive-descent reader over bytes already known to be UTF-8.
struct JSONParser {
    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(JSONError) -> JSON {
        skipSpace()
        let value = try value()
        skipSpace()
        guard offset == bytes.count else { throw expected("the end of the document") }
        return value
    }

    private mutating func value() throws(JSONError) -> JSON {
        switch peek() {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
        default: throw expected("a value")
        }
    }

    private mutating func object() throws(JSONError) -> JSON {
        try open()
        var members: [JSON.Member] = []
        var names = MemberNames()
        while !take(UInt8(ascii: "}")) {
            if !members.isEmpty { try comma("\",\" or \"}\"") }
            let start = offset
            guard peek() == UInt8(ascii: "\"") else { throw expected("a member name") }
            let name = try string()
            guard names.insert(name, beside: members) else {
                throw .duplicate(offset: start, name: name)
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw expected("\":\"") }
            skipSpace()
            members.append(JSON.Member(name, try value()))
            skipSpace()
        }
        depth -= 1
        return .object(members)
    }

    private mutating func array() throws(JSONError) -> JSON {
        try open()
        var elements: [JSON] = []
        while !take(UInt8(ascii: "]")) {
            if !elements.isEmpty { try comma("\",\" or \"]\"") }
            elements.append(try value())
            skipSpace()
        }
        depth -= 1
        return .array(elements)
    }

    /// Steps over the bracket and the space behind it.
    private mutating func open() throws(JSONError) {
        depth += 1
        guard depth <= JSON.depthLimit else { throw .tooDeep(offset: offset) }
        offset += 1
        skipSpace()
    }

    private mutating func comma(_ expectation: String) throws(JSONError) {
        guard take(UInt8(ascii: ",")) else { throw expected(expectation) }
        skipSpace()
    }

    private mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for byte in text.description.utf8 where !take(byte) {
            throw expected("\"\(text)\"")
        }
        return value
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = offset
        let isNegative = take(UInt8(ascii: "-"))
        let digits = digits()
        guard !digits.isEmpty else { throw expected("a digit") }
        guard digits.count == 1 || bytes[digits.lowerBound] != UInt8(ascii: "0") else {
            throw .syntax(offset: digits.lowerBound, expected: "a number without leading zero")
        }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            guard !self.digits().isEmpty else { throw expected("a digit") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard !self.digits().isEmpty else { throw expected("a digit") }
        }
        if isInteger, let integer = integer(digits, isNegative: isNegative) {
            return .integer(integer)
        }
        return .number(text(start..<offset))
    }

    private mutating func digits() -> Range<Int> {
        let start = offset
        while let byte = peek(), isDigit(byte) { offset += 1 }
        return start..<offset
    }

    private func integer(_ digits: Range<Int>, isNegative: Bool) -> Int64? {
        var value: Int64 = 0
        for index in digits {
            let digit = Int64(bytes[index] - UInt8(ascii: "0"))
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative
                ? tenfold.subtractingReportingOverflow(digit)
                : tenfold.addingReportingOverflow(digit)
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    /// Reads a string from its opening quote; one without escapes is copied in one piece.
    private mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return text(start..<offset - 1)
            case UInt8(ascii: "\\"):
                return try escapedString(from: start)
            case 0..<0x20:
                throw .badString(offset: offset, reason: "a control character in a string")
            default:
                offset += 1
            }
        }
        throw expected("the end of the string")
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var buffer = Array(bytes[start..<offset])
        while let byte = peek() {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                return String(decoding: buffer, as: UTF8.self)
            case UInt8(ascii: "\\"):
                buffer.append(contentsOf: String(Character(try escape())).utf8)
            case 0..<0x20:
                throw .badString(offset: offset - 1, reason: "a control character in a string")
            default:
                buffer.append(byte)
            }
        }
        throw expected("the end of the string")
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let byte = peek()
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw .badString(offset: offset - 1, reason: "an unknown escape in a string")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = offset - 2
        let first = try hexQuad()
        guard first != 0 else { throw .badString(offset: start, reason: "\\u0000 in a string") }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw .badString(offset: start, reason: "a lone surrogate in a string")
        }
        let second = try hexQuad()
        guard 0xDC00...0xDFFF ~= second,
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else {
            throw .badString(offset: start, reason: "a lone surrogate in a string")
        }
        return scalar
    }

    private mutating func hexQuad() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else {
                throw expected("four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private func peek() -> UInt8? {
        offset < bytes.count ? bytes[offset] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset += 1
        }
    }

    private func expected(_ what: String) -> JSONError {
        .syntax(offset: offset, expected: what)
    }
}

private func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
}

/// The names an object has so far: compared one by one while they are few, hashed from then on.
private struct MemberNames {
    private static let few = 12
    private var hashed: Set<String> = []

    /// Whether `name` is new; `members` are those before it.
    mutating func insert(_ name: String, beside members: [JSON.Member]) -> Bool {
        if members.count < Self.few { return !members.contains { $0.name == name } }
        if hashed.isEmpty { hashed = Set(members.map(\.name)) }
        return hashed.insert(name).inserted
    }
}
