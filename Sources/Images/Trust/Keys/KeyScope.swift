package import AppContainer

/// Which images a key may vouch for.
package enum KeyScope: Sendable, Hashable, CustomStringConvertible {
    /// All of them.
    case root
    /// Those whose name begins with these segments.
    case prefix(ImagePrefix)

    /// Whether an image of this name is in it.
    package func covers(_ name: ACIdentifier) -> Bool {
        switch self {
        case .root: true
        case .prefix(let prefix): prefix.covers(name.text)
        }
    }

    package var description: String {
        switch self {
        case .root: "every image"
        case .prefix(let prefix): "prefix \"\(prefix)\""
        }
    }
}

/// The beginning of image names, in whole segments: `example.com/foo` is no beginning of `example.com/foobar`.
package struct ImagePrefix: Sendable, Hashable, CustomStringConvertible {
    /// The prefix as text.
    package let text: String

    /// Accepts a name as images have it, without empty segments, `.` or `..`: it becomes a path.
    package init(_ text: String) throws(TrustError) {
        let segments = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (try? ACIdentifier(text)) != nil, text.utf8.count <= 1024,
            segments.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
        else { throw .prefix(text) }
        self.text = text
    }

    /// Whether a name begins so.
    package func covers(_ name: String) -> Bool { name == text || name.hasPrefix(text + "/") }

    package var description: String { text }
}
