/// Who an app runs as, before the pod's own files say which id that is.
///
/// An id is decimal and at most 4294967294: the highest 32-bit number means "no change" to the kernel.
package enum UserSpec: Sendable, Hashable, CustomStringConvertible {
    /// This very id.
    case id(UInt32)
    /// Whoever owns the file at this absolute path of the root file system.
    case ownerOf(String)
    /// The user of this name in the app's `/etc/passwd`.
    case name(String)

    /// Accepts a number, an absolute path or a name.
    package init(_ text: String) throws(ManifestError) {
        switch try Identity(text) {
        case .id(let id): self = .id(id)
        case .path(let path): self = .ownerOf(path)
        case .name(let name): self = .name(name)
        }
    }

    package var description: String {
        switch self {
        case .id(let id): String(id)
        case .ownerOf(let path): path
        case .name(let name): name
        }
    }
}

/// Which group an app runs as, before the pod's own files say which id that is.
package enum GroupSpec: Sendable, Hashable, CustomStringConvertible {
    /// This very id.
    case id(UInt32)
    /// The group of the file at this absolute path of the root file system.
    case groupOf(String)
    /// The group of this name in the app's `/etc/group`.
    case name(String)
    /// The primary group of the app's user in `/etc/passwd`, or 0 if the user isn't there.
    ///
    /// This is what an OCI image means that names a user only. It is written `:primary`, which appc
    /// accepts and no group can be called, since a colon ends a name in `/etc/group`.
    case primary

    private static let primaryText = ":primary"

    /// Accepts a number, an absolute path, a name or `:primary`.
    package init(_ text: String) throws(ManifestError) {
        if text == Self.primaryText {
            self = .primary
            return
        }
        switch try Identity(text) {
        case .id(let id): self = .id(id)
        case .path(let path): self = .groupOf(path)
        case .name(let name): self = .name(name)
        }
    }

    package var description: String {
        switch self {
        case .id(let id): String(id)
        case .groupOf(let path): path
        case .name(let name): name
        case .primary: Self.primaryText
        }
    }
}

private enum Identity {
    case id(UInt32)
    case path(String)
    case name(String)

    init(_ text: String) throws(ManifestError) {
        guard !text.isEmpty, !text.utf8.contains(0) else { throw .identity(text) }
        if text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            guard let id = UInt32(text), id != UInt32.max else { throw .identity(text) }
            self = .id(id)
        } else if text.utf8.first == UInt8(ascii: "/") {
            self = .path(text)
        } else {
            guard !text.utf8.contains(UInt8(ascii: ":")) else { throw .identity(text) }
            self = .name(text)
        }
    }
}
