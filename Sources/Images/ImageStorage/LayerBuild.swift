package import Linux

/// A layer that this process has to unpack, as nobody has it yet; others who want it wait.
///
/// Ending without ``ImageStore/finish(_:size:subdirectory:)`` removes what was unpacked.
package struct LayerBuild: ~Copyable {
    package let layer: LayerID
    let lock: LayerLock
    let tree: TemporaryTree

    /// The empty directory to unpack into.
    package var directory: Directory {
        _read { yield tree.directory }
    }
}

/// What ``ImageStore/claim(_:)`` finds.
package enum LayerClaim: ~Copyable {
    /// The layer is there and stays as long as the lock is held.
    case present(LayerLock)
    /// It has to be unpacked.
    case missing(LayerBuild)
}

extension ImageStore {
    /// Finds a layer or the right to build it; waits for a process that is building it.
    package func claim(_ layer: LayerID) throws(StoreError) -> LayerClaim {
        let locks = try making(Self.locks)
        let path = StoredImage.directory(of: layer)
        func take(_ mode: LockMode) throws(StoreError) -> LayerLock {
            try storing("lock", path) { () throws(Errno) in
                try LayerLock.take(layer, mode, in: locks)
            }
        }
        let shared = try take(.shared)
        if data.contains(path) { return .present(shared) }
        _ = consume shared
        while true {
            let exclusive = try take(.exclusive)
            if !data.contains(path) {
                return .missing(
                    LayerBuild(layer: layer, lock: exclusive, tree: try temporaryTree())
                )
            }
            try storing("lock", path) { () throws(Errno) in try exclusive.share() }
            // Between the two modes somebody may have removed it.
            if data.contains(path) { return .present(exclusive) }
        }
    }

    /// Puts a finished layer where everybody sees it, on stable storage first (R17).
    ///
    /// - Parameters:
    ///   - size: bytes the layer takes, for tables.
    ///   - subdirectory: the part of the built tree that is the layer, or nil for the whole of it.
    package func finish(
        _ build: consuming LayerBuild,
        size: UInt64,
        subdirectory: String? = nil
    ) throws(StoreError) -> LayerLock {
        let layers = try making(Self.layers)
        let (lock, tree) = (build.lock, build.tree)
        let name = build.layer.description
        try storing("commit layer", StoredImage.directory(of: build.layer)) { () throws(Errno) in
            // Nobody reads the size of a layer that isn't there yet, so this needs no rename.
            let file = try layers.open(Self.sizeFile(of: name), [.writeOnly, .create, .truncate])
            try file.write(Array("\(size)\n".utf8))
            try tree.directory.descriptor.syncFileSystem()
            if let subdirectory {
                try tree.directory.rename(subdirectory, to: layers, as: name, exclusive: true)
            } else {
                try tree.parent.rename(tree.name, to: layers, as: name, exclusive: true)
            }
            try layers.descriptor.sync()
            try lock.share()
        }
        return lock
    }

    /// Bytes that a layer takes, as told when it was unpacked.
    package func size(of layer: LayerID) -> UInt64 {
        let path = "\(Self.layers)/\(Self.sizeFile(of: layer.description))"
        guard let bytes = try? data.readFile(path, limit: 32) else { return 0 }
        return UInt64(String(decoding: bytes, as: UTF8.self).prefix { $0 != "\n" }) ?? 0
    }

    static func sizeFile(of layer: String) -> String { "\(layer).size" }

    private func temporaryTree() throws(StoreError) -> TemporaryTree {
        let parent = try making(Self.temporary)
        return try storing("make a directory in", Self.temporary) { () throws(Errno) in
            try TemporaryTree(in: parent)
        }
    }
}
