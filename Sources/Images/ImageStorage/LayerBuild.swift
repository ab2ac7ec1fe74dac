internal import Linux

/// A layer that is in the store and stays there as long as this lives.
package struct LayerHold {
    package let layer: LayerID
    let lock: StoreLock
}

/// What is told about a layer when it is unpacked, and remembered beside it.
package struct LayerNote: Sendable, Equatable {
    /// Bytes of its files.
    package let size: UInt64
    /// Whether it hides everything below it, which overlayfs can't say of a root.
    package let hidesLowerLayers: Bool

    /// Describes a layer.
    package init(size: UInt64, hidesLowerLayers: Bool = false) {
        self.size = size
        self.hidesLowerLayers = hidesLowerLayers
    }

    var bytes: [UInt8] { Array("\(size)\(hidesLowerLayers ? " opaque" : "")\n".utf8) }

    init?(bytes: [UInt8]) {
        let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard let size = words.first.flatMap({ UInt64($0) }) else { return nil }
        self.init(size: size, hidesLowerLayers: words.dropFirst().first == "opaque")
    }
}

/// A layer that this process has to unpack, as nobody has it yet; others who want it wait.
package struct LayerBuild: ~Copyable {
    package let layer: LayerID
    let lock: StoreLock
}

/// What ``ImageStore/claim(_:)`` finds.
package enum LayerClaim: ~Copyable {
    /// The layer is there.
    case present(LayerHold)
    /// It has to be unpacked, and put there by ``ImageStore/finish(_:with:_:)``.
    case missing(LayerBuild)
}

extension ImageStore {
    /// Finds a layer or the right to build it; waits for a process that is building it.
    package func claim(_ layer: LayerID) throws(StoreError) -> LayerClaim {
        let locks = try making(Self.locks)
        let path = StoredImage.directory(of: layer)
        func take(_ mode: LockMode) throws(StoreError) -> StoreLock {
            try storing("lock", path) { () throws(Errno) in
                try StoreLock.take(layer.lockName, mode, in: locks)
            }
        }
        do {
            let shared = try take(.shared)
            if data.contains(path) { return .present(LayerHold(layer: layer, lock: shared)) }
        }
        while true {
            let exclusive = try take(.exclusive)
            if !data.contains(path) { return .missing(LayerBuild(layer: layer, lock: exclusive)) }
            try storing("lock", path) { () throws(Errno) in try exclusive.share() }
            // Between the two modes somebody may have removed it.
            if data.contains(path) { return .present(LayerHold(layer: layer, lock: exclusive)) }
        }
    }

    /// Whether a layer isn't here at this moment.
    package func lacks(_ layer: LayerID) -> Bool {
        !data.contains(StoredImage.directory(of: layer))
    }

    /// An empty directory to unpack a layer into.
    package func makeTree() throws(StoreError) -> TemporaryTree {
        let parent = try making(Self.temporary)
        return try storing("make a directory in", Self.temporary) { () throws(Errno) in
            try TemporaryTree(in: parent)
        }
    }

    /// Puts an unpacked layer where everybody sees it, on stable storage first (R17).
    package func finish(
        _ build: consuming LayerBuild,
        with tree: TemporaryTree,
        _ note: LayerNote
    ) throws(StoreError) -> LayerHold {
        let layers = try making(Self.layers)
        let layer = build.layer
        let lock = build.lock
        try storing("commit layer", StoredImage.directory(of: layer)) { () throws(Errno) in
            // Nobody reads the note of a layer that isn't there yet, so it needs no rename.
            let file = try layers.open(layer.noteName, [.writeOnly, .create, .truncate])
            try file.write(note.bytes)
            try tree.directory.descriptor.syncFileSystem()
            try tree.parent.rename(
                tree.name,
                to: layers,
                as: layer.description,
                exclusive: true
            )
            try layers.descriptor.sync()
            try lock.share()
        }
        return LayerHold(layer: layer, lock: lock)
    }

    /// What was told about a layer when it was unpacked.
    package func note(of layer: LayerID) -> LayerNote {
        let bytes = try? data.readFile("\(Self.layers)/\(layer.noteName)", limit: 64)
        return bytes.flatMap(LayerNote.init(bytes:)) ?? LayerNote(size: 0)
    }
}

extension LayerID {
    static let noteSuffix = ".note"

    var noteName: String { description + Self.noteSuffix }
}
