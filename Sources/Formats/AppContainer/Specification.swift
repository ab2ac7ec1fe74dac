import JSON

/// The version of the App Container specification that this project writes.
package enum Specification {
    /// The newest, and as the project rests the last, version.
    package static let version = "0.8.11"

    /// Refuses a document of another kind.
    static func checkKind(_ kind: String, of cursor: JSONCursor) throws(JSONError) {
        let found = try cursor.required("acKind")
        guard try found.string() == kind else { throw found.invalid("not \(quoted(kind))") }
    }

    private static let architectures: [String: Set<String>] = [
        "linux": [
            "amd64", "i386", "aarch64", "aarch64_be", "armv6l", "armv7l", "armv7b", "ppc64",
            "ppc64le",
            "s390x",
        ],
        "freebsd": ["amd64", "i386", "arm"],
        "darwin": ["x86_64", "i386"],
    ]

    /// Why these labels can't stand on an image, if they can't.
    static func objection(to labels: [Label]) -> String? {
        guard labels["name"] == nil else { return "a label must not be called \"name\"" }
        guard let system = labels["os"] else { return nil }
        guard let known = architectures[system] else {
            return "\(quoted(system)) is not an operating system (linux, freebsd, darwin)"
        }
        guard let architecture = labels["arch"], !known.contains(architecture) else { return nil }
        return "\(quoted(architecture)) is not an architecture of \(system) "
            + "(\(known.sorted().joined(separator: ", ")))"
    }
}

extension JSONCursor {
    /// The `labels` of an image.
    func imageLabels() throws(JSONError) -> [Label] {
        let labels: [Label] = try list("labels", unique: \.name)
        if let objection = Specification.objection(to: labels) {
            throw invalid("labels: \(objection)")
        }
        return labels
    }

    /// This string as a version: X.Y.Z, then perhaps `-` or `+` and anything, and not 0.0.0.
    func parsedVersion() throws(JSONError) -> String {
        let text = try string()
        let core = text.prefix { $0 != "-" && $0 != "+" }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
            parts.contains(where: { $0.utf8.contains { $0 != 48 } })
        else { throw invalid("\(quoted(text)) is not a version (X.Y.Z)") }
        return text
    }
}
