internal import Archives
internal import Linux

/// Takes a tar stream apart and writes its entries where a layout wants them.
struct Untar<Layout: ArchiveLayout>: ~Copyable {
    private var reader: TarReader
    private(set) var layout: Layout
    private(set) var tree: TreeWriter
    /// The free space that is the limit of what the files may have; nil if another one was given.
    private let room: UInt64?

    init(
        _ layout: Layout,
        into directory: borrowing Directory,
        _ options: UnpackOptions
    ) throws(UnpackError) {
        let room: UInt64
        if let given = options.expandedBytes {
            room = given
        } else {
            room = try freeSpace(of: directory)
        }
        let tree = try TreeWriter(into: directory, options)
        reader = TarReader(limits: TarLimits(expandedBytes: room, entries: options.entries))
        self.tree = tree
        self.room = options.expandedBytes == nil ? room : nil
        self.layout = layout
    }

    /// How many entries were read.
    var entryCount: Int { reader.entryCount }

    /// How many bytes its files have.
    var expandedBytes: UInt64 { reader.expandedBytes }

    /// Writes what a piece of the stream holds.
    mutating func take(_ chunk: Span<UInt8>) throws(UnpackError) {
        var cursor = 0
        while let event = try next(chunk, &cursor) {
            switch event {
            case .entry: try layout.begin(reader.entry, in: &tree)
            case .content(let offset, let bytes):
                try layout.write(chunk.extracting(bytes), at: offset, in: &tree)
            case .entryEnd: try layout.end(reader.entry, in: &tree)
            case .archiveEnd: break
            }
        }
    }

    /// Checks that the archive is complete and finishes the tree.
    mutating func finish() throws(UnpackError) {
        if reader.missingPadding > 0 {
            try take([UInt8](repeating: 0, count: reader.missingPadding).span)
        }
        do throws(TarError) { try reader.finish() } catch { throw .archive(error) }
        try layout.finish()
        try tree.finish()
    }

    private mutating func next(
        _ chunk: Span<UInt8>,
        _ cursor: inout Int
    ) throws(UnpackError) -> TarEvent? {
        do throws(TarError) {
            return try reader.next(in: chunk, at: &cursor)
        } catch {
            if case .overLimit(_, let allowed) = error, allowed == room {
                throw .full(room: allowed)
            }
            throw .archive(error)
        }
    }
}

/// What the entries of a kind of archive mean.
protocol ArchiveLayout {
    /// Begins an entry.
    mutating func begin(_ entry: TarEntry, in tree: inout TreeWriter) throws(UnpackError)
    /// Takes content of the entry.
    mutating func write(
        _ bytes: Span<UInt8>,
        at offset: UInt64,
        in tree: inout TreeWriter
    ) throws(UnpackError)
    /// Completes the entry.
    mutating func end(_ entry: TarEntry, in tree: inout TreeWriter) throws(UnpackError)
    /// Checks that nothing is missing.
    func finish() throws(UnpackError)
}

/// What may be filled: all but a twentieth and at most one gibibyte, which pods and logs need too.
private func freeSpace(of directory: borrowing Directory) throws(UnpackError) -> UInt64 {
    do throws(Errno) {
        let free = try directory.descriptor.freeSpace()
        return free - min(free / 20, 1 << 30)
    } catch {
        throw .write(path: ".", error)
    }
}
