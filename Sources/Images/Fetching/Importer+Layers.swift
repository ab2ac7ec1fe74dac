internal import ImageStorage
internal import JSON
internal import OCI
internal import Unpacking

extension Importer {
    /// Unpacks the layers that aren't in the store yet; each is read once.
    ///
    /// - Returns: the layers that make the root, from the bottom: without those that a higher one hides, and of a layer
    ///   that stands twice only the upper one, which has the same effect and is all that overlayfs can mount.
    func unpack(
        _ layers: [OCIImage.Layer],
        from files: some ImageFiles
    ) throws(ImportError) -> [LayerHold] {
        var contents: [FileContent] = []
        for layer in layers { contents.append(try content(of: layer, in: files)) }
        let total = contents.reduce(UInt64(0)) {
            $0.addingReportingOverflow($1.length).partialValue
        }
        var done: UInt64 = 0
        var holds: [LayerHold] = []
        for (layer, content) in zip(layers, contents) {
            let progress = events.progress(after: done, of: total)
            let hold = try unpack(layer, progress: progress) { () throws(ImportError) in
                do throws(UnpackError) {
                    return try BlobSource(
                        content.file,
                        offset: content.offset,
                        length: content.length
                    )
                } catch { throw .part("layer \(layer.diffID.hex.prefix(12))", error) }
            }
            done = done.addingReportingOverflow(content.length).partialValue
            events.tell(.progress(done: done, total: total))
            if store.note(of: hold.layer).hidesLowerLayers { holds.removeAll() }
            holds.removeAll { $0.layer == hold.layer }
            holds.append(hold)
        }
        return holds
    }

    private func content(
        of layer: OCIImage.Layer,
        in files: some ImageFiles
    ) throws(ImportError) -> FileContent {
        if let descriptor = layer.descriptor {
            switch descriptor.mediaType {
            case .layer, .foreignLayer: break
            default: throw .invalid("\(quoted(descriptor.mediaType.text)) is not a layer")
            }
        }
        let content = try files.source(layer.path)
        if let size = layer.descriptor?.size, UInt64(exactly: size) != content.length {
            throw .mismatch(layer.path, reason: "has \(content.length) bytes instead of \(size)")
        }
        return content
    }

    /// The layer as the store holds it; unpacked first if it isn't there, out of what `blob` opens then.
    func unpack(
        _ layer: OCIImage.Layer,
        progress: @escaping @Sendable (UInt64) -> Void = { _ in },
        _ blob: () throws(ImportError) -> BlobSource
    ) throws(ImportError) -> LayerHold {
        switch try storing({ [id = try layerID(layer)] () throws(StoreError) in try store.claim(id)
        })
        {
        case .present(let hold): return hold
        case .missing(let build):
            let tree = try storing { () throws(StoreError) in try store.makeTree() }
            let source = try blob()
            let unpacked: UnpackedLayer
            do throws(UnpackError) {
                unpacked = try unpacker.unpack(
                    source,
                    into: tree.directory,
                    expectedDigest: layer.descriptor?.digest,
                    expectedDiffID: layer.diffID,
                    progress: progress
                )
            } catch { throw .part("layer \(layer.diffID.hex.prefix(12))", error) }
            for warning in unpacked.warnings { events.tell(.warning(warning)) }
            let note = LayerNote(
                size: unpacked.size,
                hidesLowerLayers: unpacked.hidesLowerLayers
            )
            return try finish(build, with: tree, note)
        }
    }

    func layerID(_ layer: OCIImage.Layer) throws(ImportError) -> LayerID {
        guard let id = LayerID("\(layer.diffID.algorithm.rawValue)-\(layer.diffID.hex)") else {
            throw .oci(.digest(layer.diffID.description))
        }
        return id
    }
}
