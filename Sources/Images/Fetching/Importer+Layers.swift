internal import ImageStorage
internal import JSON
internal import OCI
internal import Unpacking

extension Importer {
    /// The layers as the store holds them; those that it lacks are unpacked out of an archive or layout first.
    func unpack(
        _ layers: [OCIImage.Layer],
        from files: some ImageFiles
    ) throws(ImportError) -> [LayerHold] {
        var contents: [FileContent] = []
        var starts: [UInt64] = []
        var total: UInt64 = 0
        for layer in layers {
            let content = try content(of: layer, in: files)
            contents.append(content)
            starts.append(total)
            total = total.addingReportingOverflow(content.length).partialValue
        }
        func progress(_ index: Int) -> @Sendable (UInt64) -> Void {
            events.progress(after: starts[index], of: total)
        }
        let holds = try hold(layers, progress: progress) { (index) throws(ImportError) in
            let content = contents[index]
            return try part(layers[index]) { () throws(UnpackError) in
                try BlobSource(content.file, offset: content.offset, length: content.length)
            }
        }
        events.tell(.progress(done: total, total: total))
        return holds
    }

    /// The layers as the store holds them; those that it lacks are unpacked first, each read once, out of what `blob` opens
    /// when it is the layer's turn.
    ///
    /// - Returns: the layers that make the root, from the bottom: without those that a higher one hides, and of a layer
    ///   that stands twice only the upper one, which has the same effect and is all that overlayfs can mount.
    func hold(
        _ layers: [OCIImage.Layer],
        progress: (Int) -> @Sendable (UInt64) -> Void = { _ in { _ in } },
        _ blob: (Int) throws(ImportError) -> BlobSource
    ) throws(ImportError) -> [LayerHold] {
        var held: [LayerID: LayerHold] = [:]
        var unpacked = UnpackedLayers()
        for (index, layer) in layers.enumerated() {
            let id = try layerID(layer)
            // What nobody else is building is claimed at once. Else those that are unpacked are let go first: who waits
            // while holding them might wait for somebody who waits for them, or for itself.
            var claim = try storing { () throws(StoreError) in try store.claimIfFree(id) }
            if claim == nil {
                for hold in try finish(unpacked) { held[hold.layer] = hold }
                unpacked = UnpackedLayers()
                claim = try storing { () throws(StoreError) in try store.claim(id) }
            }
            switch consume claim {
            case .none: break
            case .present(let hold): held[id] = hold
            case .missing(let build):
                let tree = try storing { () throws(StoreError) in try store.makeTree() }
                let note = try unpack(layer, out: blob(index), into: tree, progress(index))
                unpacked.add(build, in: tree, note)
            }
        }
        for hold in try finish(unpacked) { held[hold.layer] = hold }
        return try root(layers, held)
    }

    private func root(
        _ layers: [OCIImage.Layer],
        _ held: [LayerID: LayerHold]
    ) throws(ImportError) -> [LayerHold] {
        var holds: [LayerHold] = []
        for layer in layers {
            guard let hold = held[try layerID(layer)] else { continue }
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

    private func unpack(
        _ layer: OCIImage.Layer,
        out source: BlobSource,
        into tree: TemporaryTree,
        _ progress: @escaping @Sendable (UInt64) -> Void
    ) throws(ImportError) -> LayerNote {
        let unpacked = try part(layer) { () throws(UnpackError) in
            try unpacker.unpack(
                source,
                into: tree.directory,
                expectedDigest: layer.descriptor?.digest,
                expectedDiffID: layer.diffID,
                progress: progress
            )
        }
        for warning in unpacked.warnings { events.tell(.warning(warning)) }
        return LayerNote(size: unpacked.size, hidesLowerLayers: unpacked.hidesLowerLayers)
    }

    private func finish(_ layers: UnpackedLayers) throws(ImportError) -> [LayerHold] {
        // A layer of a registry is kept packed, too: it can be had again.
        let durability: Durability = request.kind == .registry ? .later : .atOnce
        return try storing { () throws(StoreError) in try store.finish(layers, durability) }
    }

    /// Names the layer in an error.
    func part<Result>(
        _ layer: OCIImage.Layer,
        _ body: () throws(UnpackError) -> Result
    ) throws(ImportError) -> Result {
        do throws(UnpackError) { return try body() } catch {
            throw .part("layer \(layer.diffID.hex.prefix(12))", error)
        }
    }

    func layerID(_ layer: OCIImage.Layer) throws(ImportError) -> LayerID {
        guard let id = LayerID("\(layer.diffID.algorithm.rawValue)-\(layer.diffID.hex)") else {
            throw .oci(.digest(layer.diffID.description))
        }
        return id
    }
}
