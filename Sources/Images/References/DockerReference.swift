package import AppContainer
package import OCI

/// A registry's name for an image: `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`, with Docker's defaults filled in.
package struct DockerReference: Sendable, Hashable, CustomStringConvertible {
    /// Registry and repository as appc allows them in a name: a port's colon is written `_`.
    package let name: ACIdentifier
    /// The registry's name, with its port if it has one.
    package let registry: String
    /// The repository in the registry.
    package let repository: String
    /// The tag; nil if there is only a digest.
    package let tag: String?
    /// The digest of the manifest.
    package let digest: Digest?

    private static let hub = "docker.io"
    private static let hubAliases: Set<String> = [
        "docker.io", "index.docker.io", "registry-1.docker.io",
    ]

    /// Reads a reference; a tag is `latest` if neither it nor a digest is given.
    package init(_ text: String) throws(ReferenceError) {
        var rest = text[...]
        digest = try Self.takeDigest(from: &rest, of: text)
        let slash = rest.lastIndex(of: "/") ?? rest.startIndex
        var tag: String?
        if let colon = rest[slash...].firstIndex(of: ":") {
            tag = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        guard tag.map(Self.isTag) ?? true else {
            throw .docker(
                text,
                reason: "the tag is not 1 to 128 letters, digits, \"_\", \".\" or \"-\""
            )
        }
        self.tag = tag ?? (digest == nil ? "latest" : nil)

        let (registry, repository) = Self.split(rest)
        guard let host = Authority(registry) else {
            throw .docker(text, reason: "no valid registry")
        }
        guard repository.utf8.count <= 255,
            repository.split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy(Self.isRepositoryPart)
        else {
            throw .docker(
                text,
                reason: "the repository is not lower-case letters, digits and separators"
            )
        }
        (self.registry, self.repository) = (host.description, repository)
        let port = host.port.map { "_\($0)" } ?? ""
        do {
            name = try ACIdentifier(sanitizing: "\(host.nameOfHost)\(port)/\(repository)")
        } catch {
            throw .manifest(error)
        }
    }

    /// The host to ask: Docker's registry isn't at the name it goes by.
    package var host: String { registry == Self.hub ? "registry-1.docker.io" : registry }

    /// The reference with all defaults.
    package var description: String {
        "\(registry)/\(repository)" + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    private static func takeDigest(
        from rest: inout Substring,
        of text: String
    ) throws(ReferenceError) -> Digest? {
        guard let at = rest.firstIndex(of: "@") else { return nil }
        let digest = String(rest[rest.index(after: at)...])
        rest = rest[..<at]
        do {
            return try Digest(digest)
        } catch {
            throw .docker(text, reason: error.description)
        }
    }

    /// The first part is a registry if it looks like a host; a lone repository of the hub lies in `library`.
    private static func split(_ name: Substring) -> (registry: String, repository: String) {
        let slash = name.firstIndex(of: "/")
        if let slash {
            let first = name[..<slash]
            if first == "localhost" || first.contains(where: { $0 == "." || $0 == ":" }) {
                let repository = String(name[name.index(after: slash)...])
                guard hubAliases.contains(String(first)) else { return (String(first), repository) }
                return (hub, repository.contains("/") ? repository : "library/\(repository)")
            }
        }
        return (hub, slash == nil ? "library/\(name)" : String(name))
    }

    private static func isTag(_ text: String) -> Bool {
        guard 1...128 ~= text.utf8.count, let first = text.utf8.first else { return false }
        return isWordByte(first)
            && text.utf8.allSatisfy {
                isWordByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
            }
    }

    /// Runs of lower-case letters and digits between single `.`, `_`, `__` or any number of `-`.
    private static func isRepositoryPart(_ text: Substring) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool {
            isWordByte(byte) && byte != UInt8(ascii: "_")
                && !(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte)
        }
        guard let first = text.utf8.first, let last = text.utf8.last, isPlain(first), isPlain(last)
        else {
            return false
        }
        return text.utf8.split(omittingEmptySubsequences: true, whereSeparator: isPlain)
            .allSatisfy { separator in
                let bytes = Array(separator)
                return bytes == Array(".".utf8) || bytes == Array("_".utf8)
                    || bytes == Array("__".utf8) || bytes.allSatisfy { $0 == UInt8(ascii: "-") }
            }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
