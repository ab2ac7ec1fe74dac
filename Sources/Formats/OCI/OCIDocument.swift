package import JSON

/// A JSON document of an image, at most as long as registries accept.
package protocol OCIDocument {
    /// What errors call the document.
    static var title: String { get }

    /// Reads the document; errors name the place in it.
    init(at cursor: JSONCursor) throws(JSONError)
}

extension OCIDocument {
    /// Reads the document from its text.
    package init(parsing bytes: [UInt8]) throws(OCIError) {
        do {
            try self.init(at: JSONCursor(JSON.parse(bytes)))
        } catch {
            throw .document(Self.title, error)
        }
    }
}

/// How much an image may ask of its reader.
package enum Limits {
    /// Layers of an image.
    package static let layers = 500
    /// Ports of an image: two protocols.
    package static let ports = 2 * 65_536
    /// Images of an index.
    package static let images = 1000
    /// Indexes in indexes.
    package static let nesting = 4
    /// Paths of an image where data is kept: each becomes a mount.
    package static let volumes = 1000
    /// The length of a manifest, index or configuration in bytes.
    package static let document = JSON.sizeLimit
}

extension JSONCursor {
    /// The elements of this array, at most `limit`.
    func elements(limit: Int) throws(JSONError) -> [JSONCursor] {
        let elements = try elements()
        guard elements.count <= limit else { throw invalid("more than \(limit) entries") }
        return elements
    }

    /// This string as a digest.
    func digest() throws(JSONError) -> Digest {
        let text = try string()
        do {
            return try Digest(text)
        } catch {
            throw invalid(error.description)
        }
    }

    /// The object `name` as a dictionary of strings; empty if it is absent.
    func dictionary(_ name: String) throws(JSONError) -> [String: String] {
        let members = try optional(name)?.stringMembers() ?? []
        return Dictionary(members.map { ($0.name, $0.value) }) { _, last in last }
    }

    /// The array `name` of strings; empty if it is absent.
    func strings(_ name: String) throws(JSONError) -> [String] {
        try optional(name)?.strings() ?? []
    }

    /// The names of the members of the object `name`, whose values mean nothing.
    func memberNames(_ name: String, limit: Int) throws(JSONError) -> [String] {
        guard let object = try optional(name) else { return [] }
        let members = try object.members()
        guard members.count <= limit else { throw object.invalid("more than \(limit) entries") }
        return members.map(\.name)
    }

    /// Checks what all manifests and indexes have: version 2, and one meaning.
    ///
    /// A document with both `manifests` and `layers` means one image to one reader and another to the
    /// next (CVE-2021-41190).
    func checkSchema(holding list: String, not other: String) throws(JSONError) {
        let version = try optional("schemaVersion")
        guard try version?.integer(Int.self) != 1, try optional("fsLayers") == nil else {
            throw invalid(
                "schema version 1, which is no longer supported; convert the image to OCI"
            )
        }
        guard version?.value == 2 else { throw invalid("\"schemaVersion\" is not 2") }
        guard try optional(other) == nil else {
            throw invalid("both \(quoted(list)) and \(quoted(other))")
        }
    }

    /// The member `mediaType` if it is there; it must be one that `isExpected` accepts.
    func mediaType(_ isExpected: (MediaType) -> Bool) throws(JSONError) -> MediaType? {
        guard let member = try optional("mediaType") else { return nil }
        let type = MediaType(try member.string())
        guard isExpected(type) else {
            throw member.invalid("\(quoted(type.text)) is not expected here")
        }
        return type
    }
}
