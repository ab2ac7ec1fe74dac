internal import Archives
internal import Compression
internal import ImageStorage
internal import Linux
internal import OCI
internal import Unpacking

/// Looks whether what the store has of an image is what it was, and mends what can be mended.
///
/// - Blobs are hashed again: their names are their digests.
/// - A layer that may not have been on the disk when the machine stopped is unpacked again.
/// - Any other layer is packed again, into nothing: its digest is compared with the one that the image names, which holds for what rkt
///   packs itself; else, if the layer is kept packed, with that of the same packed layer unpacked again; else with the one
///   that an earlier check has noted. A layer that is kept packed is unpacked again if it is damaged.
struct StoreCheck: ~Copyable {
    /// What was found.
    private(set) var result = CheckResult()

    private let image: StoredImage
    private let store: ImageStore
    private let null: Descriptor
    private let options = UnpackOptions(
        owners: UserMap.current.mapsOneID ? .unchanged : .asArchived
    )

    /// - Parameter null: the null device, opened before the cage closed.
    init(
        _ image: StoredImage,
        in data: borrowing Directory,
        null: consuming Descriptor,
        boot: BootID?
    ) throws {
        self.image = image
        self.null = null
        store = ImageStore(
            data: try step("open the store") { () throws(Errno) in
                try data.duplicate()
            },
            boot: boot
        )
    }

    mutating func run() throws {
        for text in image.blobs { try check(blob: text) }
        let kept = image.isOCI ? try? KeptImage(image, in: store) : nil
        if image.isOCI, kept == nil { result.damaged.append("the image's configuration") }
        for layer in image.layers { try check(layer, kept) }
    }

    private mutating func check(blob text: String) throws {
        let path = "\(ImageStore.blobs)/\(text.split(separator: ":").last ?? "")"
        guard let digest = try digest(ofFile: path), text.hasSuffix(digest) else {
            return result.damaged.append("blob \(text)")
        }
    }

    private func digest(ofFile path: String) throws -> String? {
        guard store.data.contains(path) else { return nil }
        let file = try step("open \"\(path)\"") { () throws(Errno) in
            try store.data.open(path, .nonBlocking)
        }
        return try sha256(of: file)
    }

    private mutating func check(_ layer: LayerID, _ kept: KeptImage?) throws {
        let path = StoredImage.directory(of: layer)
        let packed = kept?.packed.first { "sha256-\($0.key.hex)" == layer.description }
        guard store.data.contains(path), !store.isInDoubt(layer) else {
            return try mend(layer, packed?.value)
        }
        let tree = try step("open \"\(path)\"") { () throws(Errno) in
            try store.data.directory(path)
        }
        let digest = try self.digest(of: tree)
        if layer.description == "sha256-\(digest)" { return }
        let note = store.note(of: layer)
        if let known = note.checksum {
            if known != digest { try mend(layer, packed?.value) }
            return
        }
        guard let packed else {
            // Nothing to compare with yet: the next check has.
            try store.note(LayerNote(note, checksum: digest), of: layer)
            return result.noted.append(layer.description)
        }
        let fresh = try unpacked(packed.value)
        if try self.digest(of: fresh.tree.directory) == digest {
            return try store.note(LayerNote(note, checksum: digest), of: layer)
        }
        try put(fresh, as: layer)
    }

    private mutating func mend(_ layer: LayerID, _ packed: LayerBlob?) throws {
        guard let packed, let fresh = try? unpacked(packed) else {
            return result.damaged.append("layer \(layer)")
        }
        try put(fresh, as: layer)
    }

    private mutating func put(
        _ fresh: (tree: TemporaryTree, note: LayerNote),
        as layer: LayerID
    ) throws {
        try store.replace(layer, by: fresh.tree, fresh.note)
        result.mended.append(layer.description)
    }

    private func unpacked(
        _ packed: LayerBlob
    ) throws -> (tree: TemporaryTree, note: LayerNote) {
        let tree = try store.makeTree()
        let file = try step("open a packed layer") { () throws(Errno) in
            try store.data.open(packed.path, .nonBlocking)
        }
        let made = try LayerUnpacker(options).unpack(
            try BlobSource(file),
            into: tree.directory,
            expectedDigest: packed.descriptor.digest,
            expectedDiffID: packed.diffID
        )
        return (tree, LayerNote(size: made.size, hidesLowerLayers: made.hidesLowerLayers))
    }

    /// The digest of a tree as rkt packs it.
    private func digest(of tree: borrowing Directory) throws -> String {
        let nowhere = try step("write to the null device") { () throws(Errno) in
            try null.duplicate()
        }
        var archive = try TreeArchive(
            to: nowhere,
            path: "the null device",
            .plain,
            hashing: .sha256,
            date: SourceDate(seconds: nil)
        )
        try archive.add(MergedDirectory(layer: tree.duplicate()), named: "")
        return hexadecimal(try archive.finish().inputDigest)
    }
}

/// What a check of an image has found.
struct CheckResult {
    /// What isn't what it was, and couldn't be mended.
    var damaged: [String] = []
    /// Layers that were unpacked again.
    var mended: [String] = []
    /// Layers whose digest was noted for the next check.
    var noted: [String] = []
}
