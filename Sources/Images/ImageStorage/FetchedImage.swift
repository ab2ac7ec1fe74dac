package import JSON
package import References

/// An image whose layers are unpacked and whose digests were checked, but whose origin nobody has vouched for.
///
/// It holds its layers' locks, so that nothing removes them before a record names them.
package struct FetchedImage: ~Copyable {
    let id: ImageID
    let names: [LabelledName]
    let layers: [LayerHold]
    let manifest: JSON
    let blobs: [(digest: String, bytes: [UInt8])]

    /// Joins what was fetched.
    ///
    /// - Parameters:
    ///   - layers: from the bottom to the top.
    ///   - manifest: the appc image manifest, or the OCI image configuration.
    ///   - blobs: what is kept byte for byte, each with its checked digest `sha256:HEX`.
    package init(
        id: ImageID,
        names: [LabelledName],
        layers: [LayerHold],
        manifest: JSON,
        blobs: [(digest: String, bytes: [UInt8])] = []
    ) {
        self.id = id
        self.names = names
        self.layers = layers
        self.manifest = manifest
        self.blobs = blobs
    }
}

/// Why an image may be stored without a signature.
package enum Exemption: String, Sendable {
    /// The user said `--insecure-options=image`.
    case insecureImageOption
    /// OCI and Docker images from disk: the format has no signature of its own, and the user has the file.
    case localImport
}

/// An image that may be stored: the only thing ``ImageStore/commit(_:)`` takes.
package struct VerifiedImage: ~Copyable {
    let image: FetchedImage
    /// Why no signature was asked for.
    package let exemption: Exemption

    /// Lets an image through without a signature.
    package init(_ image: consuming FetchedImage, exemption: Exemption) {
        self.image = image
        self.exemption = exemption
    }
}
