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
    /// The digest of the layer as a verification has found it.
    package var checksum: String?

    /// Describes a layer.
    package init(size: UInt64, hidesLowerLayers: Bool = false) {
        self.size = size
        self.hidesLowerLayers = hidesLowerLayers
    }

    var bytes: [UInt8] { Array("\(size)\(hidesLowerLayers ? " opaque" : "")\(sum)\n".utf8) }

    private var sum: String { checksum.map { " sum=\($0)" } ?? "" }

    /// The same note with a checksum.
    package init(_ note: LayerNote, checksum: String) {
        self = note
        self.checksum = checksum
    }

    init?(bytes: [UInt8]) {
        let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard let size = words.first.flatMap({ UInt64($0) }) else { return nil }
        self.init(size: size, hidesLowerLayers: words.contains("opaque"))
        checksum = words.first { $0.hasPrefix("sum=") }.map { String($0.dropFirst(4)) }
    }
}

/// A layer that this process has to unpack, as nobody has it yet; others who want it wait.
package struct LayerBuild: ~Copyable {
    package let layer: LayerID
    let lock: StoreLock
}

/// Layers that this process has unpacked, but that aren't on stable storage yet, so that nobody sees them.
package struct UnpackedLayers {
    fileprivate struct Entry {
        let layer: LayerID
        let lock: StoreLock
        let tree: TemporaryTree
        let note: LayerNote
    }

    fileprivate var entries: [Entry] = []

    /// None so far.
    package init() {}

    /// Adds a layer that lies in a tree.
    package mutating func add(
        _ build: consuming LayerBuild,
        in tree: TemporaryTree,
        _ note: LayerNote
    ) {
        entries.append(Entry(layer: build.layer, lock: build.lock, tree: tree, note: note))
    }
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
            if holds(layer) { return .present(LayerHold(layer: layer, lock: shared)) }
        }
        while true {
            let exclusive = try take(.exclusive)
            if !holds(layer) { return .missing(LayerBuild(layer: layer, lock: exclusive)) }
            try storing("lock", path) { () throws(Errno) in try exclusive.share() }
            // Between the two modes somebody may have removed it.
            if holds(layer) { return .present(LayerHold(layer: layer, lock: exclusive)) }
        }
    }

    /// The same as ``claim(_:)``, but nil instead of waiting for a process that is building the layer.
    package func claimIfFree(_ layer: LayerID) throws(StoreError) -> LayerClaim? {
        let locks = try making(Self.locks)
        let path = StoredImage.directory(of: layer)
        func take(_ mode: LockMode) throws(StoreError) -> StoreLock? {
            try storing("lock", path) { () throws(Errno) in
                try StoreLock.takeIfFree(layer.lockName, mode, in: locks)
            }
        }
        do {
            guard let shared = try take(.shared) else { return nil }
            if holds(layer) { return .present(LayerHold(layer: layer, lock: shared)) }
        }
        guard let exclusive = try take(.exclusive), !holds(layer) else { return nil }
        return .missing(LayerBuild(layer: layer, lock: exclusive))
    }

    /// Whether a layer isn't here at this moment.
    package func lacks(_ layer: LayerID) -> Bool { !holds(layer) }

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
        let lock = build.lock
        let layer = build.layer
        var layers = UnpackedLayers()
        layers.add(build, in: tree, note)
        _ = try finish(layers)
        return LayerHold(layer: layer, lock: lock)
    }

    /// Puts unpacked layers where everybody sees them: on stable storage first (R17), for which they wait together, or marked.
    package func finish(
        _ unpacked: UnpackedLayers,
        _ durability: Durability = .atOnce
    ) throws(StoreError) -> [LayerHold] {
        guard let last = unpacked.entries.last else { return [] }
        let layers = try making(Self.layers)
        let run = durability == .later ? boot : nil
        if let run { for entry in unpacked.entries { try mark(entry.layer, run) } }
        try storing("commit layer", StoredImage.directory(of: last.layer)) { () throws(Errno) in
            for entry in unpacked.entries {
                // Nobody reads the note of a layer that isn't there yet, so it needs no rename.
                let file = try layers.open(
                    entry.layer.noteName,
                    [.writeOnly, .create, .truncate]
                )
                try file.write(entry.note.bytes)
            }
            if run == nil { try last.tree.directory.descriptor.syncFileSystem() }
            for entry in unpacked.entries {
                try entry.tree.take(entry.layer.description, in: layers)
            }
            if run == nil { try layers.descriptor.sync() }
            for entry in unpacked.entries { try entry.lock.share() }
        }
        if run == nil { for entry in unpacked.entries { forgetDoubt(about: entry.layer) } }
        return unpacked.entries.map { LayerHold(layer: $0.layer, lock: $0.lock) }
    }

    /// Writes down what is known about a layer now.
    package func note(_ note: LayerNote, of layer: LayerID) throws(StoreError) {
        let layers = try making(Self.layers)
        try storing("write", layer.noteName) { () throws(Errno) in
            try layers.replaceFile(layer.noteName, note.bytes, durable: true)
        }
    }

    /// Puts another tree where a layer is, in one step; what was there goes.
    ///
    /// Pods that use the layer keep what they have mounted.
    package func replace(
        _ layer: LayerID,
        by tree: TemporaryTree,
        _ note: LayerNote
    ) throws(StoreError) {
        let layers = try making(Self.layers)
        try storing("replace layer", StoredImage.directory(of: layer)) { () throws(Errno) in
            try tree.directory.descriptor.syncFileSystem()
            try tree.take(layer.description, in: layers)
            try layers.replaceFile(layer.noteName, note.bytes, durable: true)
            try layers.descriptor.sync()
        }
        forgetDoubt(about: layer)
    }

    /// What was told about a layer when it was unpacked.
    package func note(of layer: LayerID) -> LayerNote {
        let bytes = try? data.readFile("\(Self.layers)/\(layer.noteName)", limit: 256)
        return bytes.flatMap(LayerNote.init(bytes:)) ?? LayerNote(size: 0)
    }
}

extension LayerID {
    static let noteSuffix = ".note"

    var noteName: String { description + Self.noteSuffix }
}
