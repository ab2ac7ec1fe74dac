package import JSON

/// Why a text or document is not what the App Container specification allows.
package enum ManifestError: Error, Hashable, CustomStringConvertible {
    /// A document or a part of one breaks the grammar of JSON or a rule of the schema.
    case document(JSONError)
    /// A text is not an AC Name.
    case name(String)
    /// A text is not an AC Identifier.
    case identifier(String)
    /// Nothing is left of a text after taking away what a name can't hold.
    case nothingLeft(String)
    /// A text is not an image ID.
    case imageID(String)
    /// A text names no user or group.
    case identity(String)
    /// A text is not a quantity.
    case quantity(String)
    /// The value of a command line flag is malformed.
    case flag(String, reason: String)

    package var description: String {
        switch self {
        case .document(let error):
            error.description
        case .name(let text):
            "\(quoted(text)) is not an AC name (a-z, 0-9 and inner \"-\")"
        case .identifier(let text):
            "\(quoted(text)) is not an AC identifier (a-z, 0-9 and inner \"-._~/\")"
        case .nothingLeft(let text):
            "\(quoted(text)) has no character that a name may have"
        case .imageID(let text):
            "\(quoted(text)) is not an image ID (sha512- or sha256- and lower-case hexadecimal digits)"
        case .identity(let text):
            "\(quoted(text)) is not a user or group (a name, a path or an id up to 4294967294)"
        case .quantity(let text):
            "\(quoted(text)) is not a quantity (such as 500m, 1.5, 64Mi or 2G)"
        case .flag(let text, let reason):
            "malformed value \(quoted(text)): \(reason)"
        }
    }
}
