import JSON

/// The `name=value` fields of a command line flag, separated by commas, each name once.
struct FlagFields {
    private let text: String
    private var fields: [(name: String, value: String)] = []

    /// Splits the fields; `decode` is applied to each name and value.
    init(_ text: String, decode: (Substring) -> String? = String.init) throws(ManifestError) {
        self.text = text
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let equals = part.firstIndex(of: "="), equals < part.index(before: part.endIndex),
                let name = decode(part[..<equals]),
                let value = decode(part[part.index(after: equals)...])
            else { throw invalid("\(quoted(String(part))) is a label without a value") }
            guard !fields.contains(where: { $0.name == name }) else {
                throw invalid("label \(quoted(name)) with multiple values")
            }
            fields.append((name, value))
        }
    }

    func invalid(_ reason: String) -> ManifestError {
        .flag(text, reason: reason)
    }

    /// Takes out the value of `name`.
    mutating func take(_ name: String) -> String? {
        guard let index = fields.firstIndex(where: { $0.name == name }) else { return nil }
        return fields.remove(at: index).value
    }

    /// Takes out the value of `name`, which must be there.
    mutating func require(_ name: String) throws(ManifestError) -> String {
        guard let value = take(name) else { throw invalid("missing \(quoted(name + "="))") }
        return value
    }

    /// Takes out the value of `name` as a truth value in Go's spellings.
    mutating func takeBool(_ name: String) throws(ManifestError) -> Bool? {
        guard let value = take(name) else { return nil }
        switch value {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw invalid("\(quoted(value)) is neither true nor false")
        }
    }

    /// Takes out the value of `name` as a user or group id.
    mutating func takeID(_ name: String) throws(ManifestError) -> UInt32? {
        guard let value = take(name) else { return nil }
        guard value.utf8.allSatisfy({ (48...57).contains($0) }), let id = UInt32(value),
            id != UInt32.max
        else { throw invalid("\(quoted(value)) is not an id (0 to 4294967294)") }
        return id
    }

    /// Refuses what nobody took.
    func finish() throws(ManifestError) {
        guard let field = fields.first else { return }
        throw invalid("unknown label \(quoted(field.name))")
    }
}

/// Resolves `%XX` and `+` as in the query of a URL; nil if the result isn't text.
func queryDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
        case UInt8(ascii: "%"):
            guard let high = rest.popFirst(), let low = rest.popFirst(),
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16),
                value != 0
            else { return nil }
            bytes.append(value)
        default: bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}
