package import JSON

/// The marker file of an OCI layout, `oci-layout`.
package struct ImageLayout: Sendable, Hashable {
    /// The name of the marker file in the layout's directory.
    package static let fileName = "oci-layout"

    /// The name of the index in the layout's directory.
    package static let indexName = "index.json"

    /// The version of the layout; all that begin with `1.` are alike.
    package var version: String
}

extension ImageLayout: OCIDocument {
    package static let title = "oci-layout"

    package init(at cursor: JSONCursor) throws(JSONError) {
        let member = try cursor.required("imageLayoutVersion")
        version = try member.string()
        guard version.hasPrefix("1.") else {
            throw member.invalid("\(quoted(version)) is not a version 1 layout")
        }
    }
}
