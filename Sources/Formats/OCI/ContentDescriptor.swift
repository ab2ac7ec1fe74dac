import JSON

/// A reference to a blob: what it is, which one and how long (OCI image specification, descriptor).
///
/// The `urls` of a descriptor are not read: nothing is fetched from where an image says.
package struct ContentDescriptor: Sendable, Hashable {
    /// What the blob is.
    package var mediaType: MediaType
    /// Which blob.
    package var digest: Digest
    /// Its length in bytes, not negative.
    package var size: Int64
    /// What the image in it runs on, if it is told.
    package var platform: Platform?
    /// What else is told about it.
    package var annotations: [String: String]

    /// Refers to a blob.
    package init(mediaType: MediaType, digest: Digest, size: Int64) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        platform = nil
        annotations = [:]
    }

    init(at cursor: JSONCursor) throws(JSONError) {
        mediaType = MediaType(try cursor.optional("mediaType")?.string() ?? "")
        digest = try cursor.required("digest").digest()
        size = try cursor.required("size").integer(in: 0...Int64.max)
        platform = try cursor.optional("platform").map { platform throws(JSONError) in
            try Platform(at: platform)
        }
        annotations = try cursor.dictionary("annotations")
    }

    /// The tag or name under which a layout holds the image.
    package var referenceName: String? {
        annotations["org.opencontainers.image.ref.name"]
    }

    /// Whether this is only a statement about another image, as BuildKit adds them to an index.
    var isAttestation: Bool {
        annotations["vnd.docker.reference.type"] != nil
    }
}
