package import AppContainer
package import JSON
package import OCI
package import References
package import Trust

/// An image whose layers are unpacked and whose digests were checked, but whose origin nobody has vouched for.
///
/// It holds its layers' locks, so that nothing removes them before a record names them.
package struct FetchedImage: ~Copyable {
    let id: ImageID
    let names: [LabelledName]
    let layers: [LayerHold]
    let manifest: JSON
    let blobs: [(digest: String, bytes: [UInt8])]
    package let archiveDigest: String?
    package let manifestDigest: String?
    let layerBlobs: [Digest]

    /// Joins what was fetched.
    ///
    /// - Parameters:
    ///   - layers: from the bottom to the top.
    ///   - manifest: the appc image manifest, or the OCI image configuration.
    ///   - blobs: what is kept byte for byte, each with its checked digest `sha256:HEX`.
    ///   - archiveDigest: of the archive that it was unpacked from, if that can be signed.
    ///   - manifestDigest: of the manifest that lists its layers, if a registry has it.
    ///   - layerBlobs: the packed layers, which are kept if they were downloaded.
    package init(
        id: ImageID,
        names: [LabelledName],
        layers: [LayerHold],
        manifest: JSON,
        blobs: [(digest: String, bytes: [UInt8])] = [],
        archiveDigest: String? = nil,
        manifestDigest: String? = nil,
        layerBlobs: [Digest] = []
    ) {
        self.id = id
        self.names = names
        self.layers = layers
        self.manifest = manifest
        self.blobs = blobs
        self.archiveDigest = archiveDigest
        self.manifestDigest = manifestDigest
        self.layerBlobs = layerBlobs
    }
}

extension FetchedImage: Signable {
    package var signableName: ACIdentifier? { names.first?.name }
    package var signableNames: [String] { names.map(\.name.text) }
}

/// An image that may be stored: the only thing ``ImageStore/commit(_:)`` takes.
package typealias VerifiedImage = Verified<FetchedImage>
