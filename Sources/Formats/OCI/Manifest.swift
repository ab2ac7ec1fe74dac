package import JSON

/// What an image consists of: a configuration and layers (OCI image specification, image manifest; Docker
/// image manifest, schema 2).
package struct Manifest: Sendable, Hashable {
    /// What the document calls itself, if it does.
    package var mediaType: MediaType?
    /// The image configuration.
    package var configuration: ContentDescriptor
    /// The layers, lowest first.
    package var layers: [ContentDescriptor]
    /// What else is told about the image.
    package var annotations: [String: String]
}

extension Manifest: OCIDocument {
    package static let title = "image manifest"

    package init(at cursor: JSONCursor) throws(JSONError) {
        try cursor.checkSchema(holding: "layers", not: "manifests")
        mediaType = try cursor.mediaType(\.isManifest)
        let config = try cursor.required("config")
        configuration = try ContentDescriptor(at: config)
        guard configuration.mediaType.isConfiguration else {
            throw config.invalid(
                "\(quoted(configuration.mediaType.text)) is not an image that runs"
            )
        }
        guard configuration.size <= Int64(Limits.document) else {
            throw config.invalid("larger than \(Limits.document) bytes")
        }
        layers = try cursor.required("layers").elements(limit: Limits.layers).map {
            layer throws(JSONError) in try ContentDescriptor(at: layer)
        }
        annotations = try cursor.dictionary("annotations")
    }
}

extension Manifest {
    /// A layer of an image: the blob, and the digest of the tar in it.
    package struct Layer: Sendable, Hashable {
        /// The blob, compressed or not.
        package var blob: ContentDescriptor
        /// The digest of the tar.
        package var diffID: Digest
    }

    /// The layers together with what the configuration says they hold, lowest first.
    package func layers(with configuration: ImageConfiguration) throws(OCIError) -> [Layer] {
        guard layers.count == configuration.diffIDs.count else {
            throw .layerCount(manifest: layers.count, configuration: configuration.diffIDs.count)
        }
        return zip(layers, configuration.diffIDs).map { Layer(blob: $0, diffID: $1) }
    }
}
