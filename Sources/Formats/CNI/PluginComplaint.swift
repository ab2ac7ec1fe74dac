internal import JSON

/// The error that a plugin tells (CNI specification, "error").
package struct PluginComplaint: Sendable, Hashable {
    /// What kind it is.
    package let code: UInt32
    /// One line.
    package let message: String
    /// More about it, or empty.
    package let details: String

    /// The container is unknown or gone: nothing is left to delete.
    package static let unknownContainer: UInt32 = 3

    /// Reads what a plugin that failed wrote to standard output.
    package init(parsing bytes: [UInt8]) throws(CNIError) {
        self = try reading("error", bytes) { cursor throws(JSONError) in
            try PluginComplaint(at: cursor)
        }
    }

    private init(at cursor: JSONCursor) throws(JSONError) {
        code = try cursor.optional("code")?.integer(UInt32.self) ?? 0
        message = try cursor.optional("msg")?.string() ?? ""
        details = try cursor.optional("details")?.string() ?? ""
        guard code != 0 || !message.isEmpty else {
            throw cursor.invalid("neither code nor message")
        }
    }
}

extension PluginComplaint: CustomStringConvertible {
    package var description: String {
        let message = message.isEmpty ? "error \(code)" : message
        return details.isEmpty ? message : "\(message); \(details)"
    }
}

/// The versions that a plugin says it speaks (CNI specification, `VERSION`).
package struct PluginVersions: Sendable, Hashable {
    /// All of them, in the plugin's order; also those that we don't speak.
    package let texts: [String]

    /// Those that both speak, lowest first.
    package var known: [CNIVersion] { texts.compactMap(CNIVersion.init(rawValue:)).sorted() }

    /// Reads what a plugin wrote to standard output.
    package init(parsing bytes: [UInt8]) throws(CNIError) {
        texts = try reading("version", bytes) { cursor throws(JSONError) in
            _ = try cursor.required("supportedVersions")
            return try cursor.limitedStrings("supportedVersions")
        }
    }
}
