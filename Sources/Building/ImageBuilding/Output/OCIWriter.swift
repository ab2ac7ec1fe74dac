internal import Compression
package import ImageStorage
internal import JSON
internal import Linux
package import OCI

/// Writes an OCI image, as a layout or an archive of one (OCI image specification, image layout).
package struct OCIWriter: ~Copyable {
    /// Where the image goes.
    package enum Destination: Sendable {
        /// A tar.
        case archive(String)
        /// A directory, which may hold other images.
        case layout(String)
        /// A tar as `docker save` writes it.
        case dockerArchive(String)
        /// A directory of blobs only, relative to the workshop.
        case blobs(String)
    }

    /// What was written.
    package struct Written: Sendable {
        /// The digest of the configuration: what `rkt` and Docker call the image ID.
        package let id: Digest
        /// The digest of the manifest.
        package let manifest: Digest
        /// What was left out, in words for the user.
        package let warnings: [String]
    }

    struct Blob {
        let descriptor: ContentDescriptor
        let source: Source

        enum Source {
            case bytes([UInt8])
            case file(String)
        }
    }

    let content: ImageDraft.OCIContent
    private let layers: [LayerID]
    let date: SourceDate
    /// How layers are packed.
    package var compression = LayerCompression.gzip
    /// Whether all layers are final; else the last one is packed anew each time.
    package var isFinal = false
    /// What is kept of the image as it was: used wherever it still is that image.
    var kept: KeptImage?

    /// A writer of an image.
    package init(_ content: ImageDraft.OCIContent, layers: [LayerID], date: SourceDate) {
        self.content = content
        self.layers = layers
        self.date = date
    }

    /// Writes the image.
    ///
    /// - Parameter overwrites: whether an archive, or an image of the same tag in a layout, may be replaced.
    package func write(
        to destination: Destination,
        from workshop: borrowing Workshop,
        overwrites: Bool
    ) throws(BuildError) -> Written {
        // Before the work: nobody wants to wait for this refusal.
        switch destination {
        case .archive(let path), .dockerArchive(let path):
            if !overwrites, exists(path) { throw .invalid(OutputFile.exists(path)) }
        case .layout, .blobs: break
        }
        let packed = try pack(in: workshop)
        let (configuration, manifest) = documents(packed)
        var blobs = packed.map { Blob(descriptor: $0.descriptor, source: .file($0.path)) }
        blobs.append(configuration)
        blobs.append(manifest)
        switch destination {
        case .archive(let path):
            try writeArchive(path, blobs, manifest.descriptor, workshop, overwrites)
        case .layout(let path):
            try writeLayout(path, blobs, manifest.descriptor, workshop, overwrites)
        case .dockerArchive(let path):
            try writeDocker(path, packed, configuration, workshop, overwrites)
        case .blobs(let path):
            try step("keep packed layers") { () throws(Errno) in
                let target = try workshop.directory.makingDirectories(path, mode: 0o700)
                for blob in blobs where !target.contains(blob.descriptor.digest.hex) {
                    try put(blob, into: target, workshop)
                }
                try target.descriptor.syncFileSystem()
            }
        }
        if !isFinal, let last = packed.last, layers.count == packed.count {
            do throws(Errno) { try workshop.directory.removeTree(blob: last.path) } catch {}
        }
        return Written(
            id: configuration.descriptor.digest,
            manifest: manifest.descriptor.digest,
            warnings: packed.flatMap(\.warnings)
        )
    }

    private func pack(in workshop: borrowing Workshop) throws(BuildError) -> [LayerBlob] {
        if let kept, let packed = try pack(kept, in: workshop) { return packed }
        return try packLayers(in: workshop)
    }

    private func packLayers(in workshop: borrowing Workshop) throws(BuildError) -> [LayerBlob] {
        var packed: [LayerBlob] = []
        for (index, layer) in layers.enumerated() {
            let isLast = index == layers.count - 1
            if !isFinal, isLast, index > 0, try isEmpty(layer, in: workshop) { continue }
            let isKept = isFinal || !isLast
            packed.append(
                try workshop.blob(of: layer, compression, isFinal: isKept, date: date)
            )
        }
        return packed
    }

    /// The layers that the configuration names, as they were packed where that is kept.
    ///
    /// - Returns: nil if one of them isn't there in any form.
    private func pack(
        _ kept: KeptImage,
        in workshop: borrowing Workshop
    ) throws(BuildError) -> [LayerBlob]? {
        var packed: [LayerBlob] = []
        for diffID in kept.diffIDs {
            if let blob = kept.packed[diffID] {
                packed.append(blob)
                continue
            }
            guard let layer = LayerID("\(diffID.algorithm.rawValue)-\(diffID.hex)"),
                workshop.directory.contains(StoredImage.directory(of: layer))
            else { return nil }
            packed.append(try workshop.blob(of: layer, compression, isFinal: true, date: date))
        }
        return packed
    }

    private func exists(_ path: String) -> Bool { (try? Descriptor.open(path, .pathOnly)) != nil }

    private func isEmpty(
        _ layer: LayerID,
        in workshop: borrowing Workshop
    ) throws(BuildError) -> Bool {
        let directory = try workshop.layer(layer)
        return try step("read a layer") { () throws(Errno) in
            try directory.rawNames().isEmpty && !directory.descriptor.isOpaque
        }
    }

    // MARK: Documents

    private func documents(_ packed: [LayerBlob]) -> (Blob, Blob) {
        if let kept, kept.diffIDs == packed.map(\.diffID) {
            let config = blob(kept.configuration, .configuration)
            if let manifest = kept.manifest, manifest.parsed.layers == packed.map(\.descriptor) {
                let type = manifest.parsed.mediaType ?? .manifest
                return (config, blob(manifest.bytes, type))
            }
            let manifest = Manifest(
                configuration: config.descriptor,
                layers: packed.map(\.descriptor)
            )
            return (config, blob(manifest.json.encodedBytes(), .manifest))
        }
        var configuration = content.configuration
        configuration.created = date.created
        configuration.diffIDs = packed.map(\.diffID)
        configuration.history = history(layers: packed.count)
        let config = blob(configuration.json.encodedBytes(), .configuration)
        let manifest = Manifest(
            configuration: config.descriptor,
            layers: packed.map(\.descriptor),
            annotations: content.annotations
        )
        return (config, blob(manifest.json.encodedBytes(), .manifest))
    }

    /// As many entries with a layer as there are layers: readers count them.
    private func history(layers count: Int) -> [ImageConfiguration.HistoryEntry] {
        var history = content.configuration.history
        var excess = history.count { !$0.isEmptyLayer } - count
        for index in history.indices.reversed() where excess > 0 && !history[index].isEmptyLayer {
            history[index].isEmptyLayer = true
            excess -= 1
        }
        for _ in 0..<max(0, -excess) {
            history.append(.init(created: date.created, createdBy: "acbuild", isEmptyLayer: false))
        }
        return history
    }

    private func blob(_ bytes: [UInt8], _ type: MediaType) -> Blob {
        Blob(
            descriptor: ContentDescriptor(
                mediaType: type,
                digest: digest(of: bytes),
                size: Int64(bytes.count)
            ),
            source: .bytes(bytes)
        )
    }

    /// The entry of the image in the layout's index.
    func entry(_ manifest: ContentDescriptor) -> ContentDescriptor {
        var entry = manifest
        entry.platform = content.configuration.platform
        let name = content.name.map { "\($0):\(content.tag)" }
        entry.annotations["org.opencontainers.image.ref.name"] = name ?? content.tag
        if let name { entry.annotations["io.containerd.image.name"] = name }
        return entry
    }
}

extension Directory {
    /// Removes a packed layer that will be packed again.
    fileprivate func removeTree(blob path: String) throws(Errno) {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count == 2 else { return }
        try directory(parts[0]).remove(parts[1])
    }
}

/// The SHA-256 of a document.
func digest(of bytes: [UInt8]) -> Digest {
    guard var hasher = try? Hasher(.sha256), (try? hasher.update(bytes.span)) != nil,
        let sum = try? hasher.finish(), let digest = Digest(.sha256, sum: sum)
    else { preconditionFailure("libcrypto has no SHA-256") }
    return digest
}
