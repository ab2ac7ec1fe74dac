package import JSON

/// A list of images, for several platforms or of several names (OCI image specification, image index;
/// Docker manifest list).
package struct Index: Sendable, Hashable {
    /// What the document calls itself, if it does.
    package var mediaType: MediaType?
    /// The images and indexes it lists.
    package var manifests: [ContentDescriptor]
    /// What else is told about it.
    package var annotations: [String: String]
}

extension Index: OCIDocument {
    package static let title = "image index"

    package init(at cursor: JSONCursor) throws(JSONError) {
        try cursor.checkSchema(holding: "manifests", not: "layers")
        guard try cursor.optional("config") == nil else {
            throw cursor.invalid("both \"manifests\" and \"config\"")
        }
        mediaType = try cursor.mediaType(\.isIndex)
        manifests = try cursor.required("manifests").elements(limit: Limits.images).map {
            manifest throws(JSONError) in try ContentDescriptor(at: manifest)
        }
        annotations = try cursor.dictionary("annotations")
    }
}

extension Index {
    /// The entry that suits `platform` best; one that doesn't name its platform only if nothing else does.
    package func choice(for platform: Platform) throws(OCIError) -> ContentDescriptor {
        try Self.choice(from: manifests, for: platform)
    }

    /// The entry that a layout has under `tag`, or its only one.
    ///
    /// A tag is the whole `org.opencontainers.image.ref.name` or what follows the last colon of one. Of
    /// several entries with the same tag the one for `platform` is taken.
    package func choice(
        tagged tag: String?,
        for platform: Platform
    ) throws(OCIError) -> ContentDescriptor {
        guard !manifests.isEmpty else { throw .empty }
        let tags = manifests.compactMap(\.referenceName)
        guard let tag else {
            guard Set(tags).count <= 1 else { throw .severalImages(tags: tags) }
            return try Self.choice(from: manifests, for: platform)
        }
        var tagged = manifests.filter { $0.referenceName == tag }
        if tagged.isEmpty {
            tagged = manifests.filter { $0.referenceName?.hasSuffix(":\(tag)") ?? false }
            guard Set(tagged.map(\.referenceName)).count <= 1 else {
                throw .severalImages(tags: tags)
            }
        }
        guard !tagged.isEmpty else { throw .noTag(tag, available: tags) }
        return try Self.choice(from: tagged, for: platform)
    }

    private static func choice(
        from entries: [ContentDescriptor],
        for platform: Platform
    ) throws(OCIError) -> ContentDescriptor {
        let images = entries.filter { !$0.isAttestation }
        let suitable = images.compactMap { entry in
            entry.platform.flatMap(platform.distance(to:)).map { (distance: $0, entry: entry) }
        }
        if let best = suitable.min(by: { $0.distance < $1.distance }) { return best.entry }
        let unnamed = images.filter { $0.platform == nil }
        guard unnamed.count <= 1 else {
            throw .severalImages(tags: unnamed.map(\.digest.description))
        }
        guard let only = unnamed.first else {
            throw .noPlatform(platform, available: images.compactMap(\.platform?.description))
        }
        return only
    }
}
