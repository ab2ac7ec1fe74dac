package import AppContainer

/// What a user typed to say which image is meant.
package enum ImageReference: Sendable, Hashable, CustomStringConvertible {
    /// An image of the store by its ID or the beginning of it.
    case hash(ImageHash)
    /// An ACI file.
    case file(String)
    /// An image by its name.
    case appc(LabelledName)
    /// An image by its name, whose host is asked at a port or an address.
    case hosted(HostedName)
    /// An ACI at a URL.
    case url(String)
    /// An image of a registry.
    case docker(DockerReference)
    /// An image in a directory with an OCI layout.
    case ociLayout(String, tag: String?)
    /// An image in a tar of an OCI layout.
    case ociArchive(String, tag: String?)
    /// An image in an archive as `docker save` writes it.
    case dockerArchive(String, tag: String?)

    /// What lies at a path.
    package enum PathKind: Sendable {
        /// Nothing, or nothing that holds an image.
        case missing
        /// A regular file.
        case file
        /// A directory.
        case directory
    }

    /// Decides what kind of reference a text is; `pathKind` is asked what lies at a path.
    ///
    /// A file whose path equals a name wins over the name.
    package init(
        _ text: String,
        pathKind: (String) -> PathKind
    ) throws(ReferenceError) {
        guard !text.isEmpty else { throw .empty }
        if text.hasPrefix("sha512-") || text.hasPrefix("sha256-") {
            self = .hash(try Self.hash(text))
        } else if let reference = try Self(scheme: text, pathKind: pathKind) {
            self = reference
        } else if text.hasPrefix("/") || text.contains("./") || text.hasSuffix(".aci")
            || pathKind(text) == .file
        {
            self = .file(text)
        } else {
            guard !text.contains("://") else { throw .scheme(text) }
            self =
                if let hosted = try HostedName(text) {
                    .hosted(hosted)
                } else {
                    .appc(try LabelledName(text))
                }
        }
    }

    /// The reference in one spelling: equal references have equal descriptions.
    package var description: String {
        switch self {
        case .hash(let id): id.description
        case .file(let path): path
        case .appc(let name): name.description
        case .hosted(let name): name.description
        case .url(let url): url
        case .docker(let reference): "docker://\(reference)"
        case .ociLayout(let path, let tag): Self.description("oci", path, tag)
        case .ociArchive(let path, let tag): Self.description("oci-archive", path, tag)
        case .dockerArchive(let path, let tag): Self.description("docker-archive", path, tag)
        }
    }

    private static func description(_ scheme: String, _ path: String, _ tag: String?) -> String {
        "\(scheme):\(path)" + (tag.map { ":\($0)" } ?? "")
    }

    private static func hash(_ text: String) throws(ReferenceError) -> ImageHash {
        do {
            let hash = try ImageHash(text)
            if hash.digits.utf8.count >= 2 { return hash }
        } catch {
            throw .manifest(error)
        }
        throw .shortID(text)
    }
}

extension ImageReference {
    /// The reference that the scheme of a text means; nil if there is none that is known.
    private init?(
        scheme text: String,
        pathKind: (String) -> PathKind
    ) throws(ReferenceError) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = String(text[text.index(after: colon)...])
        switch text[..<colon].lowercased() {
        case "docker":
            let name = rest.hasPrefix("//") ? String(rest.dropFirst(2)) : rest
            self = .docker(try DockerReference(name))
        case "oci":
            let (path, tag) = try Self.pathAndTag(rest, pathKind: pathKind)
            self = .ociLayout(path, tag: tag)
        case "oci-archive":
            let (path, tag) = try Self.pathAndTag(rest, pathKind: pathKind)
            self = .ociArchive(path, tag: tag)
        case "docker-archive":
            let (path, tag) = try Self.pathAndTag(rest, pathKind: pathKind)
            self = .dockerArchive(path, tag: tag)
        case "file" where rest.hasPrefix("//"):
            guard rest.hasPrefix("///"), rest.hasSuffix(".aci") else { throw .url(text) }
            self = .file(String(rest.dropFirst(2)))
        case "http" where rest.hasPrefix("//"), "https" where rest.hasPrefix("//"):
            let path = rest.prefix { $0 != "?" && $0 != "#" }
            guard path.hasSuffix(".aci") else { throw .url(text) }
            self = .url(text)
        default: return nil
        }
    }

    /// Splits `PATH[:TAG]` where the path names something that is there.
    ///
    /// Both parts may hold colons. If nothing is there, the tag is what follows the last colon unless that
    /// has a slash.
    private static func pathAndTag(
        _ text: String,
        pathKind: (String) -> PathKind
    ) throws(ReferenceError) -> (path: String, tag: String?) {
        var colons = text.indices.filter { text[$0] == ":" }
        if pathKind(text) != .missing { return (text, nil) }
        // A name and a tag have three colons at most: registry's port, tag, digest.
        colons = colons.suffix(4)
        let split =
            colons.last { pathKind(String(text[..<$0])) != .missing }
            ?? colons.last { !text[$0...].contains("/") }
        let path = split.map { String(text[..<$0]) } ?? text
        let tag = split.map { String(text[text.index(after: $0)...]) } ?? ""
        guard !path.isEmpty else { throw .noPath(text) }
        return (path, tag.isEmpty ? nil : tag)
    }
}
