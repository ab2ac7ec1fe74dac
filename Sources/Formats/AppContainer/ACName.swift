/// The name of an app, volume, mount point or port: lower-case letters, digits and inner dashes
/// (appc specification, AC Name Type).
///
/// Doubled dashes are accepted as the reference implementation accepts them.
package struct ACName: Sendable, Hashable, CustomStringConvertible {
    /// The name as text.
    package let text: String

    /// Accepts a valid name.
    package init(_ text: String) throws(ManifestError) {
        guard hasACForm(text, inner: "-") else { throw .name(text) }
        self.text = text
    }

    /// Makes a name of any text: lower-cased, what can't stand in a name replaced by dashes.
    package init(sanitizing text: String) throws(ManifestError) {
        let name = sanitized(text, inner: "-", replacement: "-")
        guard !name.isEmpty else { throw .nothingLeft(text) }
        self.text = name
    }

    package var description: String { text }
}

/// The name of an image, label, annotation or isolator: an ``ACName`` that may also have
/// inner dots, underscores, tildes and slashes (appc specification, AC Identifier Type).
package struct ACIdentifier: Sendable, Hashable, CustomStringConvertible {
    /// The identifier as text.
    package let text: String

    /// Accepts a valid identifier.
    package init(_ text: String) throws(ManifestError) {
        guard hasACForm(text, inner: "-._~/") else { throw .identifier(text) }
        self.text = text
    }

    /// Makes an identifier of any text: lower-cased, what can't stand in one replaced by underscores.
    package init(sanitizing text: String) throws(ManifestError) {
        let name = sanitized(text, inner: "-._~/", replacement: "_")
        guard !name.isEmpty else { throw .nothingLeft(text) }
        self.text = name
    }

    /// Makes an identifier of a constant of this program.
    package init(known text: StaticString) {
        assert(hasACForm(text.description, inner: "-._~/"))
        self.text = text.description
    }

    package var description: String { text }

    /// What stands behind the last slash: the part an app is named for.
    package var lastComponent: Substring {
        text.split(separator: "/").last ?? ""
    }
}

private func hasACForm(_ text: String, inner: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
        && text.utf8.allSatisfy { isAlphanumeric($0) || inner.utf8.contains($0) }
}

private func sanitized(_ text: String, inner: String, replacement: Unicode.Scalar) -> String {
    let scalars = text.lowercased().unicodeScalars.map { scalar in
        let isKept =
            scalar.isASCII
            && (isAlphanumeric(UInt8(scalar.value)) || inner.unicodeScalars.contains(scalar))
        return isKept ? scalar : replacement
    }
    let trimmed =
        scalars
        .drop { !isAlphanumeric(UInt8(ascii: $0)) }
        .reversed()
        .drop { !isAlphanumeric(UInt8(ascii: $0)) }
        .reversed()
    var name = String.UnicodeScalarView()
    name.append(contentsOf: trimmed)
    return String(name)
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
}
