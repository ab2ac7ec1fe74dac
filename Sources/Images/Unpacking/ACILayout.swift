internal import Archives
internal import Linux

/// An App Container image: a file `manifest` and a directory `rootfs`, in any order, and nothing else (appc, ACI).
///
/// There is only ever one manifest, and it is a file: what is verified is what runs, and no link can put a file of the
/// host in its place.
struct ACILayout: ArchiveLayout {
    /// The largest manifest (R10).
    static let manifestLimit: UInt64 = 4 << 20

    /// The manifest, once it was read.
    private(set) var manifest: [UInt8]?
    private var hasRootfs = false
    private var readsManifest = false

    mutating func begin(_ entry: TarEntry, in tree: inout TreeWriter) throws(UnpackError) {
        let path = try self.path(entry.path, of: entry)
        readsManifest = path.bytes == Self.manifestName
        if readsManifest {
            try beginManifest(entry)
        } else if let below = path.below("rootfs") {
            guard !below.isRoot || entry.kind == .directory else {
                throw Self.refused(entry, "it is not a directory")
            }
            hasRootfs = true
            try tree.begin(entry, at: below, linkingTo: try target(of: entry))
        } else if !path.isRoot || entry.kind != .directory {
            throw Self.refused(entry, "an ACI has only \"manifest\" and \"rootfs\"")
        }
    }

    mutating func write(
        _ bytes: Span<UInt8>,
        at offset: UInt64,
        in tree: inout TreeWriter
    ) throws(UnpackError) {
        guard readsManifest else { return try tree.write(bytes, at: offset) }
        guard var text = manifest.take() else { return }
        // Holes of a sparse manifest read as zeros, as they would from a file.
        text += repeatElement(0, count: max(0, Int(offset) - text.count))
        for index in bytes.indices { text.append(bytes[index]) }
        manifest = text
    }

    func end(_ entry: TarEntry, in tree: inout TreeWriter) throws(UnpackError) {
        if !readsManifest { try tree.end(entry) }
    }

    func finish() throws(UnpackError) {
        guard manifest != nil else { throw .missing("the file \"manifest\"") }
        guard hasRootfs else { throw .missing("the directory \"rootfs\"") }
    }

    private mutating func beginManifest(_ entry: TarEntry) throws(UnpackError) {
        guard entry.kind == .regular else { throw Self.refused(entry, "it is not a regular file") }
        guard manifest == nil else { throw Self.refused(entry, "there are two of them") }
        guard entry.size <= Self.manifestLimit else {
            throw Self.refused(entry, "it is larger than \(Self.manifestLimit) bytes")
        }
        manifest = []
    }

    private func path(_ raw: [UInt8], of entry: TarEntry) throws(UnpackError) -> ArchivePath {
        guard raw.first != UInt8(ascii: "/") else {
            throw Self.refused(entry, "absolute names aren't allowed")
        }
        guard let path = ArchivePath(raw) else {
            throw Self.refused(entry, "its path has \"..\" in it")
        }
        return path
    }

    /// Hard links name their target from the top of the archive.
    private func target(of entry: TarEntry) throws(UnpackError) -> ArchivePath? {
        guard entry.kind == .hardLink else { return nil }
        guard let target = try path(entry.linkTarget, of: entry).below("rootfs") else {
            throw Self.refused(entry, "it is a hard link out of \"rootfs\"")
        }
        return target
    }

    private static let manifestName = Array("manifest".utf8)

    private static func refused(_ entry: TarEntry, _ why: String) -> UnpackError {
        .refused(path: entry.printablePath, why: why)
    }
}
