internal import Archives
internal import Compression
internal import ImageStorage
internal import Linux
internal import OCI
internal import Unpacking

/// Looks whether what the store has of an image is what it was, and mends what can be mended.
///
/// - Blobs are hashed again: their names are their digests.
/// - A layer is packed again, into nothing: its digest is compared with the one that the image names, which holds for what rkt
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
        null: consuming Descriptor
    ) throws {
        self.image = image
        self.null = null
        store = ImageStore(
            data: try step("open the store") { () throws(Errno) in
                try data.duplicate()
            }
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
        var hasher = try Hasher(.sha256)
        var offset: Int64 = 0
        while true {
            let bytes = try step("read \"\(path)\"") { () throws(Errno) in
                try file.read(at: offset, count: 1 << 20)
            }
            if bytes.isEmpty { return hexadecimal(try hasher.finish()) }
            try hasher.update(bytes.span)
            offset += Int64(bytes.count)
        }
    }

    private mutating func check(_ layer: LayerID, _ kept: KeptImage?) throws {
        let path = StoredImage.directory(of: layer)
        let packed = kept?.packed.first { "sha256-\($0.key.hex)" == layer.description }
        guard store.data.contains(path) else { return try mend(layer, packed?.value) }
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
        if try self.digest(of: fresh.directory) == digest {
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

    private mutating func put(_ fresh: TemporaryTree, as layer: LayerID) throws {
        try store.replace(layer, by: fresh)
        result.mended.append(layer.description)
    }

    private func unpacked(_ packed: LayerBlob) throws -> TemporaryTree {
        let tree = try store.makeTree()
        let file = try step("open a packed layer") { () throws(Errno) in
            try store.data.open(packed.path, .nonBlocking)
        }
        _ = try LayerUnpacker(options).unpack(
            try BlobSource(file),
            into: tree.directory,
            expectedDigest: packed.descriptor.digest,
            expectedDiffID: packed.diffID
        )
        return tree
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
