package import JSON

/// A part of a manifest: it is read from JSON and written in the order of the reference implementation.
package protocol ManifestValue {
    /// Reads the value; errors name the place in the document.
    init(at cursor: JSONCursor) throws(JSONError)

    /// The value as JSON.
    var json: JSON { get }
}

extension ManifestValue {
    /// Reads the value from a document of its own.
    package init(json: JSON) throws(ManifestError) {
        do {
            try self.init(at: JSONCursor(json))
        } catch {
            throw .document(error)
        }
    }

    /// Reads the value from the text of a document.
    package init(parsing bytes: [UInt8]) throws(ManifestError) {
        do {
            try self.init(at: JSONCursor(JSON.parse(bytes)))
        } catch {
            throw .document(error)
        }
    }
}

extension JSONCursor {
    /// This string as the type that `make` parses it into.
    func parsed<Value>(
        _ make: (String) throws(ManifestError) -> Value
    ) throws(JSONError) -> Value {
        let text = try string()
        do {
            return try make(text)
        } catch {
            throw invalid(error.description)
        }
    }

    /// The array `name` as a list of values; empty if it is absent.
    func list<Value: ManifestValue>(
        _ name: String,
        of type: Value.Type = Value.self
    ) throws(JSONError) -> [Value] {
        try elements(name).map { element throws(JSONError) in try Value(at: element) }
    }

    /// The array `name` as a list of values of which no two have the same key.
    func list<Value: ManifestValue, Key: Hashable & CustomStringConvertible>(
        _ name: String,
        unique key: (Value) -> Key
    ) throws(JSONError) -> [Value] {
        var seen: Set<Key> = []
        return try elements(name).map { element throws(JSONError) in
            let value = try Value(at: element)
            guard seen.insert(key(value)).inserted else {
                throw element.invalid("duplicate \(quoted(key(value).description))")
            }
            return value
        }
    }

    /// The object `name` as a dictionary of strings; empty if it is absent.
    func dictionary(_ name: String) throws(JSONError) -> [String: String] {
        let members = try optional(name)?.stringMembers() ?? []
        return Dictionary(members.map { ($0.name, $0.value) }) { _, last in last }
    }
}

extension [JSON.Member] {
    mutating func append(_ name: String, _ value: JSON) {
        append(JSON.Member(name, value))
    }

    /// Appends the list unless it is empty.
    mutating func append(_ name: String, unlessEmpty values: [some ManifestValue]) {
        guard !values.isEmpty else { return }
        append(name, .array(values.map(\.json)))
    }

    /// Appends the dictionary, keys sorted as Go sorts them, unless it is empty.
    mutating func append(_ name: String, unlessEmpty values: [String: String]) {
        guard !values.isEmpty else { return }
        append(name, JSON(values))
    }
}

extension JSON {
    init(_ dictionary: [String: String]) {
        let sorted = dictionary.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        self = .object(sorted.map { Member($0.key, .string($0.value)) })
    }

    init(strings: [String]) {
        self = .array(strings.map { .string($0) })
    }
}
