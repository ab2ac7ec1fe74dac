internal import Addresses
internal import JSON

/// How much a document may ask of its reader.
package enum CNILimits {
    /// The length of a configuration or of a plugin's answer in bytes.
    package static let document = 1 << 20
    /// Plugins of a network.
    package static let plugins = 32
    /// Interfaces, addresses, routes or name servers of a result.
    package static let entries = 1024
    /// The length of a name.
    package static let name = 255
}

/// Runs the reader of a document and names the document in its errors.
func reading<Result>(
    _ title: String,
    _ bytes: [UInt8],
    _ body: (JSONCursor) throws(JSONError) -> Result
) throws(CNIError) -> Result {
    do throws(JSONError) {
        return try body(JSONCursor(JSON.parse(bytes, limit: CNILimits.document)))
    } catch {
        throw .document(title, error)
    }
}

extension JSONCursor {
    /// The elements of the array `name`, not too many of them; none if it is absent.
    func limitedElements(
        _ name: String,
        limit: Int = CNILimits.entries
    ) throws(JSONError)
        -> [JSONCursor]
    {
        guard let array = try optional(name) else { return [] }
        let elements = try array.elements()
        guard elements.count <= limit else { throw array.invalid("more than \(limit) entries") }
        return elements
    }

    /// The strings of the array `name`; none if it is absent.
    func limitedStrings(_ name: String) throws(JSONError) -> [String] {
        try limitedElements(name).map { element throws(JSONError) in try element.string() }
    }

    /// The string `name`; nil if it is absent or empty, as Go programs write absent strings.
    func text(_ name: String) throws(JSONError) -> String? {
        guard let text = try optional(name)?.string(), !text.isEmpty else { return nil }
        return text
    }

    /// The address `name`; nil if it is absent or empty.
    func address(_ name: String) throws(JSONError) -> IPAddress? {
        guard let member = try optional(name) else { return nil }
        let text = try member.string()
        if text.isEmpty { return nil }
        guard let address = IPAddress(text) else {
            throw member.invalid("\(quoted(text)) is not an IP address")
        }
        return address
    }

    /// The address with a prefix length `name`.
    func prefix(_ name: String) throws(JSONError) -> IPPrefix {
        let member = try required(name)
        let text = try member.string()
        guard let prefix = IPPrefix(text) else {
            throw member.invalid("\(quoted(text)) is not an IP address with a prefix length")
        }
        return prefix
    }

    /// The version of this document; the first one if it doesn't say.
    func version() throws(JSONError) -> CNIVersion {
        guard let member = try optional("cniVersion") else { return .unnamed }
        let text = try member.string()
        if text.isEmpty { return .unnamed }
        guard let version = CNIVersion(rawValue: text) else {
            throw member.invalid("CNI version \(quoted(text)) is not known")
        }
        return version
    }
}

extension [JSON.Member] {
    /// Adds a member unless the value is nil or empty.
    mutating func append(_ name: String, text: (some CustomStringConvertible)?) {
        guard let text = text?.description, !text.isEmpty else { return }
        append(JSON.Member(name, .string(text)))
    }

    /// Adds a number unless it is nil.
    mutating func append(_ name: String, number: UInt32?) {
        if let number { append(JSON.Member(name, .integer(Int64(number)))) }
    }

    /// Adds a list of strings unless it is empty.
    mutating func append(_ name: String, texts: [String]) {
        if !texts.isEmpty { append(JSON.Member(name, .array(texts.map(JSON.string)))) }
    }

    /// Replaces the member of that name or adds one.
    mutating func set(_ name: String, _ value: JSON) {
        removeAll { $0.name == name }
        append(JSON.Member(name, value))
    }
}
