package import AppContainer
import JSON

/// Why a text names no image.
package enum ReferenceError: Error, Hashable, CustomStringConvertible {
    /// There is no text.
    case empty
    /// An image ID is cut too short to find anything by.
    case shortID(String)
    /// A text isn't an image ID, though it begins like one, or a name isn't an AC Identifier.
    case manifest(ManifestError)
    /// A label of a name is malformed.
    case label(String)
    /// A name begins with a port or an address that is none.
    case host(String)
    /// A URL doesn't lead to an ACI.
    case url(String)
    /// A URL has a scheme that leads nowhere.
    case scheme(String)
    /// A registry's name for an image is malformed.
    case docker(String, reason: String)
    /// A path is missing behind `oci:` and the like.
    case noPath(String)
    /// No image of an archive, or more than one, has the wanted name.
    case archive(tag: String?, available: [String])

    package var description: String {
        switch self {
        case .empty: "an image reference can't be empty"
        case .shortID(let text): "image ID \(quoted(text)) is too short (two digits at least)"
        case .manifest(let error): error.description
        case .label(let text):
            "\(quoted(text)) is not a label (write NAME[:VERSION][,LABEL=VALUE…], each label once)"
        case .host(let text):
            "\(quoted(text)) is not a host (write HOST:PORT or [IPV6]:PORT, ports are 1 to 65535)"
        case .url(let text): "invalid image string \(quoted(text)): the path must end in \".aci\""
        case .scheme(let text):
            "unknown scheme in \(quoted(text)) (docker, file, http and https are known)"
        case .docker(let text, let reason): "invalid registry reference \(quoted(text)): \(reason)"
        case .noPath(let text): "\(quoted(text)) names no file or directory"
        case .archive(let tag, let available):
            Self.archiveText(tag, available.map(quoted).joined(separator: ", "))
        }
    }

    private static func archiveText(_ tag: String?, _ available: String) -> String {
        guard let tag else { return "several images, so one must be named: \(available)" }
        return "no image is tagged \(quoted(tag)); there are \(available)"
    }
}
