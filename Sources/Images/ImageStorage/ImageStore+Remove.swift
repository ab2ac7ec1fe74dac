internal import Linux
internal import References

extension ImageStore {
    /// Removes an image; its layers stay as long as another image or a pod has them.
    ///
    /// - Returns: layers that were kept because an import is using them now; the next collection looks again.
    @discardableResult
    package func remove(_ id: ImageID) throws(StoreError) -> [LayerID] {
        var image: StoredImage?
        do throws(StoreError) {
            image = try self.image(id)
            guard image != nil else { throw .notFound(id.description) }
        } catch {
            // A damaged record goes too; what it named is nobody's then, and collected.
            guard case .damaged = error else { throw error }
        }
        return try sweep(removing: [(id, image?.names ?? [])], layers: Set(image?.layers ?? []))
    }

    /// Removes the trees in `tmp` whose process is gone; an import does this first.
    package func reclaim() throws(StoreError) {
        let parent = try making(Self.temporary)
        try storing("clean", Self.temporary) { () throws(Errno) in
            try TemporaryTree.reclaim(in: parent)
        }
    }

    /// The layers that pods have, whatever their state.
    package func layersOfPods() throws(StoreError) -> Set<LayerID> {
        var result: Set<LayerID> = []
        for phase in try names(in: "pods") {
            for pod in try names(in: "pods/\(phase)") {
                // A pod may be moved or removed while we look: then it is found elsewhere, or needs nothing.
                let apps = "pods/\(phase)/\(pod)/appsinfo"
                for app in (try? names(in: apps)) ?? [] {
                    guard let bytes = try? data.readFile("\(apps)/\(app)/layers") else { continue }
                    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
                    result.formUnion(lines.compactMap { LayerID(String($0)) })
                }
            }
        }
        return result
    }
}

extension ImageStore {
    /// Takes away the records of images, then those of `layers` that nobody needs; deletes outside the lock.
    @discardableResult
    func sweep(
        removing images: [(id: ImageID, names: [LabelledName])],
        layers: Set<LayerID>
    ) throws(StoreError) -> [LayerID] {
        var garbage: [TemporaryTree] = []
        var kept: [LayerID] = []
        try withIndexLock { () throws(StoreError) in
            for image in images { try removeRecord(of: image.id, image.names) }
            try removeLeftovers()
            var needed: Set<LayerID> = []
            var blobs: Set<String> = []
            for image in try list() {
                needed.formUnion(image.layers)
                blobs.formUnion(image.blobs)
            }
            // Twice, because a pod on its way from one state to the next may be missed once.
            needed.formUnion(try layersOfPods())
            needed.formUnion(try layersOfPods())
            for layer in layers.subtracting(needed) {
                if let tree = try takeAway(layer) {
                    garbage.append(tree)
                } else if data.contains(StoredImage.directory(of: layer)) {
                    kept.append(layer)
                }
            }
            for name in try names(in: Self.blobs) where !blobs.contains("sha256:\(name)") {
                try removeBlob("sha256:\(name)")
            }
        }
        garbage.removeAll()
        return kept
    }

    private func removeRecord(of id: ImageID, _ names: [LabelledName]) throws(StoreError) {
        let index = try making(Self.index)
        try storing("remove", Self.record(of: id)) { () throws(Errno) in
            try index.remove("\(id).json")
            try index.descriptor.sync()
        }
        for name in names { try removeImages(fromNameFile: name.fileName) { $0 == id } }
        // Only marks: a leftover is removed with the next image of this ID.
        try? making(Self.used).remove(id.description)
    }

    /// Moves a layer out of sight unless an import holds it.
    private func takeAway(_ layer: LayerID) throws(StoreError) -> TemporaryTree? {
        let locks = try making(Self.locks)
        let layers = try making(Self.layers)
        let temporary = try making(Self.temporary)
        let path = StoredImage.directory(of: layer)
        return try storing("remove layer", path) { () throws(Errno) -> TemporaryTree? in
            guard let lock = try StoreLock.takeIfFree(layer.lockName, in: locks) else { return nil }
            let name = layer.description
            defer { try? lock.removeFile(in: locks) }
            try? layers.remove(layer.noteName)
            forgetDoubt(about: layer)
            // A build that was killed may have left the size alone.
            guard layers.contains(name) else { return nil }
            return try TemporaryTree(taking: name, of: layers, to: temporary)
        }
    }

    func removeBlob(_ digest: String) throws(StoreError) {
        guard let path = Self.blob(digest) else { return }
        let directory = try making(Self.blobs)
        try storing("remove", path) { () throws(Errno) in
            try directory.remove(String(path.dropFirst(Self.blobs.utf8.count + 1)))
        }
    }

    /// Names of images that are gone, as a process leaves them that is killed between the two removals.
    func removeStrayNames() throws(StoreError) {
        for name in try names(in: Self.names) where name.hasSuffix(".json") {
            try removeImages(fromNameFile: name) { !contains($0) }
        }
    }

    /// Half-written files of processes that were killed: whoever writes holds the index lock, so nobody is at them.
    private func removeLeftovers() throws(StoreError) {
        for path in [Self.index, Self.names, Self.blobs, Self.sources] {
            let directory = try making(path)
            for name in try names(in: path) where name.hasPrefix(".") {
                try storing("remove", "\(path)/\(name)") { () throws(Errno) in
                    try directory.remove(name)
                }
            }
        }
    }
}
