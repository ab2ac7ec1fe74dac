internal import Archives
internal import Compression
internal import Linux

/// Writes a tree into a tar, compressed and hashed on the way.
///
/// The order is that of the names' bytes, times are whole seconds, and owners are numbers: the same tree always becomes
/// the same archive. Sockets and devices are left out.
struct TreeArchive: ~Copyable {
    /// What a reader of archives accepts.
    private static let longestPath = TarLimits.pathLength

    private var compressor: Compressor
    private var tar = TarWriter()
    private let path: String
    private let date: SourceDate
    /// The first name of a file that has more of them.
    private var linked: [FileIdentity: [UInt8]] = [:]
    /// What was left out, in words for the user.
    private(set) var warnings: [String] = []
    /// Whether everything belongs to root in the archive, whoever it belongs to here.
    var ownersAreRoot = false

    private struct FileIdentity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    /// An archive that begins at the position of an open file; `path` is for messages.
    init(
        to file: borrowing Descriptor,
        path: String,
        _ format: CompressionFormat,
        hashing algorithm: HashAlgorithm,
        date: SourceDate
    ) throws(BuildError) {
        do throws(CompressionError) {
            compressor = try Compressor(format, to: file.number, hashing: algorithm)
        } catch { throw .output(path, error) }
        self.path = path
        self.date = date
    }

    /// Writes a regular file that isn't in the tree.
    mutating func add(file name: String, _ bytes: [UInt8]) throws(BuildError) {
        var entry = TarEntry(path: Array(name.utf8))
        entry.modified = TarTime(seconds: date.ofNewDirectories)
        tar.write(entry, content: bytes)
        try flush()
    }

    /// Writes a tree with everything below it; the root itself too, if it has a name.
    mutating func add(_ tree: MergedDirectory, named name: String) throws(BuildError) {
        let path = Array(name.utf8)
        if !path.isEmpty {
            var entry = TarEntry(path: path, kind: .directory)
            let status = try reading(path) { () throws(Errno) in try tree.status() }
            describe(&entry, status)
            entry.extendedAttributes = try reading(path) { () throws(Errno) in
                try tree.attributes().map(\.archived)
            }
            tar.write(entry)
        }
        try addContents(of: tree, at: path)
    }

    /// Writes the end and waits until all is on its way to the disk.
    consuming func finish() throws(BuildError) -> Compressor.Written {
        tar.finish()
        try flush()
        let path = path
        do throws(CompressionError) {
            return try compressor.finish()
        } catch { throw .output(path, error) }
    }
}

// MARK: - Entries

extension TreeArchive {
    private mutating func addContents(
        of directory: MergedDirectory,
        at path: [UInt8]
    ) throws(BuildError) {
        if directory.showsWhiteouts, directory.isOpaque {
            tar.write(TarEntry(path: Self.join(path, Array(".wh..wh..opq".utf8))))
        }
        let names = try reading(path) { () throws(Errno) in try directory.names() }
        for name in names {
            let place = Self.join(path, name.bytes)
            guard place.count <= Self.longestPath else {
                throw .invalid("path of more than 4096 bytes in the image: \(printable(place))")
            }
            guard
                let entry = try reading(
                    place,
                    { () throws(Errno) in try directory.entry(name) }
                )
            else { continue }
            try add(name, entry, of: directory, at: place, below: path)
        }
    }

    private mutating func add(
        _ name: RawName,
        _ found: MergedDirectory.Entry,
        of directory: MergedDirectory,
        at path: [UInt8],
        below parent: [UInt8]
    ) throws(BuildError) {
        var entry = TarEntry(path: path)
        describe(&entry, found.status)
        if directory.showsWhiteouts, name.bytes.starts(with: Array(".wh.".utf8)) {
            throw .invalid("an OCI image can't hold the file name \"\(printable(path))\"")
        }
        switch found.status.kind {
        case .directory:
            let below = try reading(path) { () throws(Errno) in
                try directory.directory(name, found)
            }
            entry.kind = .directory
            entry.extendedAttributes = try reading(path) { () throws(Errno) in
                try below.attributes().map(\.archived)
            }
            tar.write(entry)
            try addContents(of: below, at: path)
        case .regular: try addFile(name, found, of: directory, entry)
        case .symbolicLink:
            entry.kind = .symbolicLink
            entry.mode = 0o777
            entry.linkTarget = try reading(path) { () throws(Errno) in
                try directory.link(name, found)
            }
            tar.write(entry)
        case .fifo:
            entry.kind = .fifo
            tar.write(entry)
        case .characterDevice where found.status.isWhiteout:
            tar.write(TarEntry(path: Self.join(parent, Array(".wh.".utf8) + name.bytes)))
        case .characterDevice, .blockDevice, .socket, .other:
            warnings.append("left out \"\(printable(path))\": neither file, directory nor link")
        }
        if tar.bytes.count > 64 << 10 { try flush() }
    }

    private mutating func addFile(
        _ name: RawName,
        _ found: MergedDirectory.Entry,
        of directory: MergedDirectory,
        _ entry: TarEntry
    ) throws(BuildError) {
        var entry = entry
        let identity = FileIdentity(device: found.status.device, inode: found.status.inode)
        if found.status.links > 1 {
            if let first = linked[identity] {
                entry.kind = .hardLink
                entry.linkTarget = first
                return tar.write(entry)
            }
            linked[identity] = entry.path
        }
        let path = entry.path
        let file = try reading(path) { () throws(Errno) in try directory.file(name, found) }
        entry.size = found.status.size
        entry.extendedAttributes = try reading(path) { () throws(Errno) in
            try file.imageAttributes().map(\.archived)
        }
        tar.begin(entry)
        try flush()
        try copy(file, entry)
        tar.end(entry)
    }

    /// Exactly as many bytes as the header says, whatever is done to the file meanwhile.
    private mutating func copy(
        _ file: borrowing Descriptor,
        _ entry: TarEntry
    ) throws(BuildError) {
        var position: UInt64 = 0
        while position < entry.size {
            let limit = Int(min(entry.size - position, 1 << 20))
            let result: Result<Int, Errno>
            do throws(CompressionError) {
                result = try compressor.fill { (room) throws(Errno) in
                    try file.read(into: &room, at: position, limit: limit)
                }
            } catch { throw .output(path, error) }
            switch result {
            case .failure(let error): throw .system("read \"\(entry.printablePath)\"", error)
            case .success(0):
                throw .invalid("\"\(entry.printablePath)\" became shorter while it was read")
            case .success(let count): position += UInt64(count)
            }
        }
    }

    private func describe(_ entry: inout TarEntry, _ status: FileStatus) {
        entry.mode = status.permissions
        entry.uid = ownersAreRoot ? 0 : status.uid
        entry.gid = ownersAreRoot ? 0 : status.gid
        entry.modified = TarTime(seconds: date.limited(status.modified.seconds))
    }

    private mutating func flush() throws(BuildError) {
        let bytes = tar.drain()
        do throws(CompressionError) { try compressor.write(bytes.span) } catch {
            throw .output(path, error)
        }
    }

    private func reading<Result>(
        _ path: [UInt8],
        _ body: () throws(Errno) -> Result
    ) throws(BuildError) -> Result {
        try step("read \"\(printable(path))\" of the image", body)
    }

    private func reading(
        _ path: [UInt8],
        _ body: () throws(Errno) -> Descriptor
    ) throws(BuildError) -> Descriptor {
        try step("read \"\(printable(path))\" of the image", body)
    }

    private static func join(_ path: [UInt8], _ name: [UInt8]) -> [UInt8] {
        path.isEmpty ? name : path + [0x2F] + name
    }
}

extension ExtendedAttribute {
    fileprivate var archived: TarAttribute { TarAttribute(name: Array(name.utf8), value: value) }
}
