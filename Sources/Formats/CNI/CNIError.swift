package import JSON

/// Why a document of the Container Network Interface can't be used.
package enum CNIError: Error, Hashable, CustomStringConvertible {
    /// A document breaks the grammar of JSON or a rule of its schema.
    case document(String, JSONError)
    /// A configuration is of versions that this program doesn't speak.
    case versions([String])
    /// A result has an address or a route that its older version can't express.
    case notExpressible(CNIVersion, reason: String)

    package var description: String {
        switch self {
        case .document(let title, let error):
            "\(title): \(error)"
        case .versions(let versions):
            "CNI version \(versions.map(quoted).joined(separator: ", ")) is not spoken here "
                + "(\(CNIVersion.unnamed) to \(CNIVersion.v110) are)"
        case .notExpressible(let version, let reason):
            "a result of CNI version \(version) can't tell \(reason)"
        }
    }
}
