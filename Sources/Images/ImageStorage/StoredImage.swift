internal import AppContainer
package import JSON
package import References
package import Trust

/// An image that the store holds complete: its layers are unpacked and its digests were checked.
///
/// It is a copy of the record in the store; the image may be removed while this value lives. How a pod keeps its
/// layers is told at ``ImageStore/contains(_:)``.
package struct StoredImage: Sendable, Hashable {
    package let id: ImageID
    /// The names it was imported under, with all labels; the first is the one shown.
    package var names: [LabelledName]
    /// The layers from the bottom to the top, each a directory (``directory(of:)``).
    package private(set) var layers: [LayerID]
    /// Bytes of the unpacked layers on disk, those shared with other images included.
    package let size: UInt64
    /// Nanoseconds since 1970.
    package internal(set) var importTime: Int64
    /// The appc image manifest, or the OCI image configuration.
    package let manifest: JSON
    /// The kept blobs (`sha256:HEX`): manifest and configuration of an OCI image.
    package let blobs: [String]
    /// Who vouched for it when it was stored; nil if that isn't known.
    package internal(set) var warrant: Warrant?
    /// All signatures of it that were checked, the latest first.
    package internal(set) var signatures: [ImageSignature]

    /// Describes an image whose layers are in the store.
    package init(
        id: ImageID,
        names: [LabelledName],
        layers: [LayerID],
        size: UInt64,
        importTime: Int64,
        manifest: JSON,
        blobs: [String] = [],
        warrant: Warrant? = nil,
        signatures: [ImageSignature] = []
    ) {
        self.id = id
        self.names = names
        self.layers = layers
        self.size = size
        self.importTime = importTime
        self.manifest = manifest
        self.blobs = blobs
        self.warrant = warrant
        self.signatures = signatures
    }

    /// How it was let in, for a policy.
    package var admission: Admission {
        Admission(names: names.map(\.name.text), warrant: warrant, signatures: signatures)
    }

    /// How it would be let in if it were called so, and whoever gives the name answered for it.
    func admission(called name: String) -> Admission {
        let renamed = signatures.map { ImageSignature(by: $0.key, as: name) }
        var seen: Set<ImageSignature> = []
        return Admission(
            names: [name],
            warrant: warrant,
            signatures: renamed.filter { seen.insert($0).inserted }
        )
    }

    /// Whether a signature of it was checked.
    package var isVouchedFor: Bool {
        if case .signed = warrant { true } else { false }
    }

    /// Whether it is an OCI or Docker image rather than an ACI.
    package var isOCI: Bool { id.hash.algorithm == .sha256 }

    /// The name it is shown under; nil if it has none.
    package var name: LabelledName? { names.first }

    /// `NAME:VERSION`, as tables show it; empty if it has no name.
    package var displayName: String { name?.displayName ?? "" }

    /// The manifest as text: what a pod keeps as `appsinfo/APP/manifest`.
    package var manifestBytes: [UInt8] { manifest.encodedBytes() }

    /// The image with all layers that make its root, dependencies' included.
    func standing(on layers: [LayerID]) -> StoredImage {
        var image = self
        image.layers = layers
        return image
    }

    /// Where a layer lies, relative to the data directory.
    package static func directory(of layer: LayerID) -> String { "images/layers/\(layer)" }

    /// What a pod keeps as `appsinfo/APP/layers`: the layers it uses, one a line, bottom first.
    package var layersFile: [UInt8] { Array(layers.map { "\($0)\n" }.joined().utf8) }
}
