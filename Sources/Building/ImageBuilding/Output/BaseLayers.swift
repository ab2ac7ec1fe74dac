package import ImageStorage
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
        guard image.isOCI else { return }
        let store = try step("open the store") { () throws(Errno) in
            ImageStore(data: try data.duplicate())
        }
        guard let kept = try? KeptImage(image, in: store) else { return }
        for layer in kept.packed.values {
            guard let id = LayerID("sha256-\(layer.diffID.hex)"), image.layers.contains(id),
                let type = layer.descriptor.mediaType.shared
            else { continue }
            let (digest, size) = (layer.descriptor.digest, layer.descriptor.size)
            let path = "\(blobs)/\(digest.hex)"
            if !directory.contains(path) {
                try step("keep a packed layer") { () throws(Errno) in
                    let target = try directory.makingDirectories(blobs, mode: 0o700)
                    let source = try data.open(layer.path, .nonBlocking)
                    let temporary = randomHex(bytes: 8)
                    let file = try target.open(temporary, [.writeOnly, .create, .exclusive])
                    try source.copyData(to: file, size: source.status().size)
                    try target.rename(temporary, to: target, as: digest.hex)
                }
            }
            let blob = LayerBlob(
                descriptor: ContentDescriptor(
                    mediaType: type,
                    digest: digest,
                    size: size
                ),
                diffID: layer.diffID,
                path: path
            )
            try step("keep a packed layer") { () throws(Errno) in
                try note(blob, as: Self.baseKey(id), in: directory.directory(blobs))
            }
        }
    }
}

extension MediaType {
    /// What a layer of an OCI image is; nil for what isn't a layer, or must not be shared.
    fileprivate var shared: MediaType? {
        if case .layer = self { self } else { nil }
    }
}
