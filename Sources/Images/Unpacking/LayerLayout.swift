internal import Archives
internal import Linux

/// An OCI or Docker layer: entries of the root file system, and whiteouts (OCI image-spec, `layer.md`).
struct LayerLayout: ArchiveLayout {
    /// Whether names of whiteouts mean that; else they are names as any other.
    var readsWhiteouts = true

    mutating func begin(_ entry: TarEntry, in tree: inout TreeWriter) throws(UnpackError) {
        guard let path = ArchivePath(entry.path) else {
            throw .refused(path: entry.printablePath, why: "its path has \"..\" in it")
        }
        switch try whiteout(path, entry) {
        case .ordinary: try tree.begin(entry, at: path, linkingTo: try target(of: entry))
        case .removes(let name): try tree.whiteOut(name, in: path.parent)
        case .opaque: try tree.makeOpaque(path.parent)
        case .invalid:
            throw .refused(path: entry.printablePath, why: "it is a whiteout of nothing")
        }
    }

    func write(
        _ bytes: Span<UInt8>,
        at offset: UInt64,
        in tree: inout TreeWriter
    ) throws(UnpackError) {
        try tree.write(bytes, at: offset)
    }

    func end(_ entry: TarEntry, in tree: inout TreeWriter) throws(UnpackError) {
        try tree.end(entry)
    }

    func finish() {}

    /// A whiteout is an empty file, or a hard link to one as aufs made them; in the middle of a path it has no meaning.
    private func whiteout(
        _ path: ArchivePath,
        _ entry: TarEntry
    ) throws(UnpackError) -> WhiteoutName {
        guard readsWhiteouts else { return .ordinary }
        for component in path.parent.split(separator: UInt8(ascii: "/"))
        where WhiteoutName(component) != .ordinary {
            return .invalid
        }
        let meaning = WhiteoutName(path.name)
        guard meaning == .ordinary || entry.kind == .regular || entry.kind == .hardLink else {
            return .invalid
        }
        return meaning
    }

    private func target(of entry: TarEntry) throws(UnpackError) -> ArchivePath? {
        guard entry.kind == .hardLink else { return nil }
        guard let target = ArchivePath(entry.linkTarget) else {
            throw .refused(path: entry.printablePath, why: "its target has \"..\" in it")
        }
        return target
    }
}
