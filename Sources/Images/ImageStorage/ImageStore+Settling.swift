internal import Linux

// Layers from registries are seen before they are on the disk, so that nobody waits for that. Until they are known to be
// there, each has a mark, a symbolic link whose target is the run of the machine:
//
//     $data/images/unsettled/LAYER -> BOOT
//
// A file system keeps the order of such steps, so after a power cut a layer without a mark is whole. One with a mark of an
// earlier run is in doubt, and unpacked again out of its packed layer, which has a digest, before anything uses it.

/// When what was unpacked is on stable storage.
package enum Durability: Sendable {
    /// Before anybody sees it.
    case atOnce
    /// Later: it is marked until then.
    case later
}

extension ImageStore {
    static let unsettled = "images/unsettled"

    /// Whether the machine may have stopped before the layer was on the disk.
    package func isInDoubt(_ layer: LayerID) -> Bool { isAnyInDoubt([layer]) }

    /// Whether the machine may have stopped before all of the layers were on the disk.
    func isAnyInDoubt(_ layers: [LayerID]) -> Bool {
        guard let marks = try? data.directory(Self.unsettled) else { return false }
        let targets = layers.compactMap { try? marks.readSymbolicLink($0.description) }
        return !targets.isEmpty && targets.contains { [boot] in $0 != boot?.text }
    }

    /// Whether a layer is there and is what it was when it was unpacked.
    func holds(_ layer: LayerID) -> Bool {
        data.contains(StoredImage.directory(of: layer)) && !isInDoubt(layer)
    }

    /// Whether nothing says that the layer is on the disk.
    func isUnsettled(_ layer: LayerID) -> Bool {
        data.contains("\(Self.unsettled)/\(layer)")
    }

    /// Waits until layers that were marked so long ago are on the disk, and takes their marks away.
    ///
    /// After some time the kernel has written them anyway, and this takes no time.
    package func settle(after age: Duration = .zero) throws(StoreError) {
        let latest = Time.now().seconds - age.components.seconds
        var layers: [(LayerID, StoreLock)] = []
        for name in try names(in: Self.unsettled) {
            let path = "\(Self.unsettled)/\(name)"
            guard let layer = LayerID(name), !isInDoubt(layer),
                let time = try? data.status(of: path).modified.seconds, time <= latest,
                // Whoever unpacks it anew has the lock, and then the mark is a new one.
                let lock = try? StoreLock.takeIfFree(
                    layer.lockName,
                    .shared,
                    in: making(Self.locks)
                )
            else { continue }
            layers.append((layer, lock))
        }
        guard !layers.isEmpty else { return }
        try storing("wait for the disk of", "images") { () throws(Errno) in
            try data.descriptor.syncFileSystem()
        }
        for (layer, _) in layers { forgetDoubt(about: layer) }
    }

    /// Takes the mark of a layer away, which is on the disk, or gone.
    package func forgetDoubt(about layer: LayerID) {
        try? data.directory(Self.unsettled).remove(layer.description)
    }

    /// Marks a layer, in place of an earlier mark.
    func mark(_ layer: LayerID, _ boot: BootID) throws(StoreError) {
        let marks = try making(Self.unsettled)
        forgetDoubt(about: layer)
        try storing("mark", "\(Self.unsettled)/\(layer)") { () throws(Errno) in
            try marks.makeSymbolicLink(layer.description, to: boot.text)
        }
    }
}
