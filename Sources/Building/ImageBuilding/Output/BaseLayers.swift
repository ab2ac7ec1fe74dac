internal import AppContainer
package import ImageStorage
internal import JSON
package import Linux
internal import OCI

extension Workshop {
    /// Keeps the packed layers of an OCI image as they came: what is built on it shares them with it, digest for digest.
    ///
    /// Layers of which the store has only the files are packed anew when they are written.
    ///
    /// - Parameter data: the data directory whose store has the image; it may be this one.
    package func keepLayers(
        of image: StoredImage,
        from data: borrowing Directory
    ) throws(BuildError) {
        guard image.isOCI, let layers = packedLayers(of: image, in: data) else { return }
        for layer in layers where layer.blob.digest.algorithm == .sha256 {
            guard let id = LayerID("sha256-\(layer.diffID.hex)"), image.layers.contains(id),
                let type = layer.blob.mediaType.shared
            else { continue }
            let kept = "\(ImageStore.blobs)/\(layer.blob.digest.hex)"
            let path = "\(blobs)/\(layer.blob.digest.hex)"
            guard data.contains(kept) else { continue }
            if !directory.contains(path) {
                try step("keep a packed layer") { () throws(Errno) in
                    let target = try directory.makingDirectories(blobs, mode: 0o700)
                    let source = try data.open(kept, .nonBlocking)
                    let temporary = randomHex(bytes: 8)
                    let file = try target.open(temporary, [.writeOnly, .create, .exclusive])
                    try source.copyData(to: file, size: source.status().size)
                    try target.rename(temporary, to: target, as: layer.blob.digest.hex)
                }
            }
            let blob = LayerBlob(
                descriptor: ContentDescriptor(
                    mediaType: type,
                    digest: layer.blob.digest,
                    size: layer.blob.size
                ),
                diffID: layer.diffID,
                path: path
            )
            try step("keep a packed layer") { () throws(Errno) in
                try note(blob, as: Self.baseKey(id), in: directory.directory(blobs))
            }
        }
    }

    /// The layers as the image's manifest names them, if the manifest is there.
    private func packedLayers(
        of image: StoredImage,
        in data: borrowing Directory
    ) -> [Manifest.Layer]? {
        guard let configuration = try? ImageConfiguration(at: JSONCursor(image.manifest)) else {
            return nil
        }
        for text in image.blobs {
            guard let digest = try? Digest(text), digest.algorithm == .sha256,
                let bytes = try? data.readFile(
                    "\(ImageStore.blobs)/\(digest.hex)",
                    limit: Limits.document
                ), let manifest = try? Manifest(parsing: bytes),
                manifest.configuration.digest.hex == image.id.hash.digits,
                let layers = try? manifest.layers(with: configuration)
            else { continue }
            return layers
        }
        return nil
    }
}

extension MediaType {
    /// What a layer of an OCI image is; nil for what isn't a layer, or must not be shared.
    fileprivate var shared: MediaType? {
        if case .layer = self { self } else { nil }
    }
}
