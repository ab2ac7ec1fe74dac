internal import AppContainer
internal import ImageStorage
internal import JSON
internal import Linux
internal import OCI

/// Writes an image of the store, in its own format or another one.
///
/// Layers lie unpacked in the store. Those of a registry's image are kept packed too and go as they came; others are packed
/// anew, in one order and with whole seconds: if the digest is the one that the image's configuration names, the image stays
/// the same, else it becomes another one.
struct StoredImageWriter {
    /// What was written.
    struct Written {
        /// The image's ID, or the manifest's digest for blobs of the store.
        let id: String
        let warnings: [String]
    }

    private let request: ExportRequest
    private let date: SourceDate

    init(_ request: ExportRequest, date: SourceDate) {
        self.request = request
        self.date = date
    }

    func write(from data: borrowing Directory) throws -> Written {
        guard request.form == .aci else { return try writeOCI(from: data) }
        var draft = try ImageDraft(request.image, as: .appc)
        if request.isWhole { draft = draft.withoutDependencies() }
        guard case .appc(let manifest) = draft.content else {
            throw BuildError.invalid("not an ACI")
        }
        let paths = request.changes + draft.layers.reversed().map { StoredImage.directory(of: $0) }
        let root = try MergedDirectory(layers: paths.count) { (index) throws(BuildError) in
            try step("open \"\(paths[index])\"") { () throws(Errno) in
                try data.directory(paths[index])
            }
        }
        var writer = ACIWriter(manifest, root, date: date)
        writer.isCompressed = request.isCompressed
        if !request.isWhole, !request.image.isOCI {
            writer.manifestBytes = request.image.manifestBytes
        }
        let written = try writer.write(to: request.path, overwrites: request.overwrites)
        return Written(id: written.id, warnings: written.warnings)
    }

    private func writeOCI(from data: borrowing Directory) throws -> Written {
        var image = request.image
        let isConverted = !image.isOCI
        if isConverted, request.isWhole { image = image.withoutDependencies() }
        let draft = try ImageDraft(image, as: .oci)
        guard case .oci(var content) = draft.content else {
            throw BuildError.invalid("not an OCI image")
        }
        if let tag = request.tag { (content.name, content.tag) = (nil, tag) }
        let store = ImageStore(data: try data.duplicate())
        let tree = try store.makeTree()
        let workshop = Workshop(try data.duplicate(), blobs: "tmp/\(tree.name)")
        var writer = OCIWriter(content, layers: draft.layers, date: date)
        writer.isFinal = true
        if !isConverted { writer.kept = try KeptImage(image, in: store) }
        let written = try writer.write(
            to: destination,
            from: workshop,
            overwrites: request.overwrites
        )
        let own = "\(written.id.algorithm.rawValue)-\(written.id.hex)"
        var warnings = written.warnings
        if !isConverted, own != image.id.description {
            warnings.append(
                "its layers can't be packed as they were: it is the image \(own) there"
            )
        }
        let id = request.form == .blobs ? written.manifest.description : own
        return Written(id: id, warnings: warnings)
    }

    private var destination: OCIWriter.Destination {
        switch request.form {
        case .aci, .ociArchive: .archive(request.path)
        case .ociLayout: .layout(request.path)
        case .dockerArchive: .dockerArchive(request.path)
        case .blobs, .check: .blobs(ImageStore.blobs)
        }
    }
}

/// What the store has kept of an OCI image byte for byte.
struct KeptImage: Sendable {
    let configuration: [UInt8]
    let diffIDs: [Digest]
    /// The manifest that it came with, if it came with one.
    let manifest: (bytes: [UInt8], parsed: Manifest)?
    /// The packed layers that are there, by the digests of their tars.
    let packed: [Digest: LayerBlob]

    init(_ image: StoredImage, in store: borrowing ImageStore) throws {
        configuration = try store.blob("sha256:\(image.id.hash.digits)")
        diffIDs = try ImageConfiguration(parsing: configuration).diffIDs
        var manifest: (bytes: [UInt8], parsed: Manifest)?
        for text in image.blobs {
            guard let bytes = try? store.blob(text), bytes.count <= Limits.document,
                case .manifest(let parsed)? = try? ImageDocument(parsing: bytes),
                parsed.configuration.digest.hex == image.id.hash.digits
            else { continue }
            manifest = (bytes, parsed)
        }
        self.manifest = manifest
        var packed: [Digest: LayerBlob] = [:]
        if let manifest, manifest.parsed.layers.count == diffIDs.count {
            for (descriptor, diffID) in zip(manifest.parsed.layers, diffIDs) {
                let path = "\(ImageStore.blobs)/\(descriptor.digest.hex)"
                guard descriptor.digest.algorithm == .sha256, store.data.contains(path) else {
                    continue
                }
                packed[diffID] = LayerBlob(descriptor: descriptor, diffID: diffID, path: path)
            }
        }
        self.packed = packed
    }
}

extension ImageDraft {
    /// The same image, whose layers hold all files already.
    fileprivate func withoutDependencies() -> ImageDraft {
        guard case .appc(var manifest) = content else { return self }
        manifest.dependencies = []
        manifest.pathWhitelist = []
        return ImageDraft(.appc(manifest), layers: layers)
    }
}

extension StoredImage {
    fileprivate func withoutDependencies() -> StoredImage {
        guard case .object(var members) = manifest else { return self }
        members.removeAll { ["dependencies", "pathWhitelist"].contains($0.name) }
        return StoredImage(
            id: id,
            names: names,
            layers: layers,
            size: size,
            importTime: importTime,
            manifest: .object(members)
        )
    }
}
