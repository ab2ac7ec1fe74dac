internal import Archives
internal import Linux

/// Writes entries into a directory that becomes an overlay lower layer or the root of an ACI.
///
/// Nothing outside the directory can be reached whatever the entries say: parents are resolved with the directory as
/// root, and the last component is only touched by calls that don't follow links (R1). An entry replaces an earlier
/// one of the same name; a directory merges with a directory.
struct TreeWriter: ~Copyable {
    /// What was left out, in words for the user.
    private(set) var warnings = Warnings()
    /// True if the layer hides everything below it.
    private(set) var hidesLowerLayers = false

    private let ownership: Ownership
    private let opaque: OpaqueMark
    private var parents: Parents
    private var file: OpenFile?
    private var directoryTimes: [(path: [UInt8], time: TarTime)] = []

    /// A writer into an empty directory.
    init(into root: borrowing Directory, _ options: UnpackOptions) throws(UnpackError) {
        let mark = OpaqueMark()
        let ownership: Ownership
        let parents: Parents
        do throws(Failure) {
            ownership = try Failure.calling { () throws(Errno) in
                Ownership(options.owners, root: try root.descriptor.status())
            }
            parents = try Failure.calling { () throws(Errno) in
                try Parents(root: root, opaque: mark)
            }
        } catch {
            throw error.unpackError(".")
        }
        opaque = mark
        self.ownership = ownership
        self.parents = parents
    }

    /// Makes an entry; the content of a regular file follows by ``write(_:at:)``.
    ///
    /// - Parameters:
    ///   - path: where, below the root.
    ///   - target: what a hard link names, below the root.
    mutating func begin(
        _ entry: TarEntry,
        at path: ArchivePath,
        linkingTo target: ArchivePath?
    ) throws(UnpackError) {
        do throws(Failure) {
            try make(entry, at: path, linkingTo: target)
        } catch {
            throw error.unpackError(entry.printablePath)
        }
    }

    /// Writes a part of the regular file that was begun last.
    mutating func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(UnpackError) {
        do throws(Errno) {
            try file?.write(bytes, at: offset)
        } catch {
            throw .write(path: "content of a file", error)
        }
    }

    /// Completes the entry begun last.
    mutating func end(_ entry: TarEntry) throws(UnpackError) {
        guard let open = file.take() else { return }
        do throws(Errno) {
            try open.complete(entry, ownership, &warnings)
        } catch {
            throw .write(path: entry.printablePath, error)
        }
    }

    /// Takes back a name of lower layers.
    mutating func whiteOut(
        _ name: ArraySlice<UInt8>,
        in parent: ArraySlice<UInt8>
    ) throws(UnpackError) {
        do throws(Errno) {
            try parents.enter(parent)
            try makeWhiteout(name)
        } catch {
            throw .write(path: printable(Array(parent) + [UInt8(ascii: "/")] + name), error)
        }
    }

    /// Takes back everything that lower layers have in a directory.
    mutating func makeOpaque(_ path: ArraySlice<UInt8>) throws(UnpackError) {
        guard !path.isEmpty else {
            hidesLowerLayers = true
            return
        }
        do throws(Errno) {
            try parents.enter(path)
            try opaque.set(on: Directory(try parents.current.open(".", .directory)))
        } catch {
            throw .write(path: printable(Array(path)), error)
        }
    }

    /// Notes that an entry was left out.
    mutating func skip(_ entry: TarEntry, because reason: String) {
        warnings.add("\"\(entry.printablePath)\" left out: \(reason)")
    }

    /// Gives the directories their times, which making their entries has changed.
    mutating func finish() throws(UnpackError) {
        for directory in directoryTimes {
            guard let path = RawPath(directory.path.isEmpty ? [UInt8(ascii: ".")] : directory.path)
            else { continue }
            do throws(Errno) {
                try parents.setTime(path, directory.time)
            } catch {
                // A later entry may have replaced the directory by something else.
                guard error == .notDirectory || error == .tooManyLinks || error == .noSuchFile
                else { throw .write(path: printable(directory.path), error) }
            }
        }
    }
}

// MARK: - One kind of entry each

extension TreeWriter {
    private mutating func make(
        _ entry: TarEntry,
        at path: ArchivePath,
        linkingTo target: ArchivePath?
    ) throws(Failure) {
        guard let name = RawName(path.name) else {
            return try describeRoot(entry)
        }
        try Failure.calling { () throws(Errno) in try parents.enter(path.parent) }
        switch entry.kind {
        case .regular:
            file = OpenFile(
                try replacing(name) { (directory, name) throws(Errno) in
                    try directory.createFile(name, mode: entry.mode & 0o777)
                }
            )
        case .directory:
            try makeDirectory(entry, name)
            directoryTimes.append((path.bytes, entry.modified))
        case .symbolicLink: try makeSymbolicLink(entry, name)
        case .hardLink: try makeHardLink(name, to: target ?? ArchivePath())
        case .fifo:
            try replacing(name) { (directory, name) throws(Errno) in
                try directory.makeFifo(name, mode: entry.mode)
            }
            try describe(entry, name)
        case .characterDevice(let major, let minor):
            // Overlayfs would take it for a whiteout that the archive has no right to write (R13).
            guard major != 0 || minor != 0 else { throw .refused("it is an overlay whiteout") }
            skip(entry, because: "devices aren't taken from images")
        case .blockDevice: skip(entry, because: "devices aren't taken from images")
        }
    }

    private mutating func describeRoot(_ entry: TarEntry) throws(Failure) {
        guard entry.kind == .directory else { throw .refused("it would replace the root itself") }
        directoryTimes.append(([], entry.modified))
        try Failure.calling { () throws(Errno) in
            let root = Directory(try parents.existing([]).open(".", .directory))
            try root.descriptor.describe(entry, ownership, &warnings)
        }
    }

    private mutating func makeDirectory(_ entry: TarEntry, _ name: RawName) throws(Failure) {
        var isNew = true
        var hides = false
        do throws(Errno) {
            try parents.current.makeDirectory(name, mode: entry.mode & 0o777)
        } catch {
            guard error == .exists else { throw .call(error) }
            let there = try Failure.calling { () throws(Errno) in
                try parents.current.status(of: name)
            }
            isNew = there.kind != .directory
            hides = there.isWhiteout
            if isNew {
                try replacing(name) { (directory, name) throws(Errno) in
                    try directory.makeDirectory(name, mode: entry.mode & 0o777)
                }
            }
        }
        guard hides || !isNew || ownership.needsMore(entry) else { return }
        try Failure.calling { () throws(Errno) in
            let made = try parents.current.directory(name)
            try made.descriptor.describe(entry, ownership, &warnings)
            if hides { try opaque.set(on: made) }
        }
    }

    private mutating func makeSymbolicLink(_ entry: TarEntry, _ name: RawName) throws(Failure) {
        guard let target = RawPath(entry.linkTarget) else { throw .refused("it has no target") }
        try replacing(name) { (directory, name) throws(Errno) in
            try directory.makeSymbolicLink(name, to: target)
        }
        try describe(entry, name)
    }

    private mutating func makeHardLink(
        _ name: RawName,
        to target: ArchivePath
    ) throws(Failure) {
        guard let targetName = RawName(target.name) else {
            throw .refused("it is a hard link to a directory")
        }
        let source = try directory(ofTarget: target)
        guard let status = try? source.status(of: targetName), status.kind != .directory,
            !status.isWhiteout
        else { throw Self.noTarget(target) }
        if let there = try? parents.current.status(of: name), there.inode == status.inode { return }
        try replacing(name) { (current, name) throws(Errno) in
            try source.link(targetName, to: current, as: name)
        }
    }

    private func directory(ofTarget target: ArchivePath) throws(Failure) -> Directory {
        do throws(Errno) {
            return try parents.existing(target.parent)
        } catch {
            throw Self.noTarget(target)
        }
    }

    private static func noTarget(_ target: ArchivePath) -> Failure {
        let text = printable(target.bytes)
        return .refused(
            "it is a hard link to \"\(text)\", which isn't a file of this archive before it (a layer can't link into another)"
        )
    }

    private mutating func makeWhiteout(_ name: ArraySlice<UInt8>) throws(Errno) {
        guard let name = RawName(name) else { throw .invalidArgument }
        do throws(Errno) {
            try parents.current.makeWhiteout(name)
        } catch {
            guard error == .exists else { throw error }
            // What is there came with this layer and stays; it hides what lower layers have unless they would merge.
            if try parents.current.status(of: name).kind == .directory {
                try opaque.set(on: parents.current, name)
            }
        }
    }

    /// Owner, mode and time of what can't be opened.
    private mutating func describe(_ entry: TarEntry, _ name: RawName) throws(Failure) {
        if !entry.extendedAttributes.isEmpty { warnings.addAttributes(of: entry) }
        try Failure.calling { () throws(Errno) in
            if ownership.differs(entry) {
                try parents.current.setOwner(name, uid: entry.uid, gid: entry.gid)
            }
            try parents.current.setTime(
                name,
                seconds: entry.modified.seconds,
                nanoseconds: entry.modified.nanoseconds
            )
        }
    }

    /// Makes something, taking away first what has the name; only a directory with something in it stays.
    private mutating func replacing<Made: ~Copyable>(
        _ name: RawName,
        _ make: (borrowing Directory, RawName) throws(Errno) -> Made
    ) throws(Failure) -> Made {
        do throws(Errno) {
            return try make(parents.current, name)
        } catch {
            guard error == .exists else { throw .call(error) }
        }
        // The path of the parent stays as it is, but other cached paths may lead through the name.
        parents.invalidate()
        do throws(Errno) {
            let isDirectory = try parents.current.status(of: name).kind == .directory
            try parents.current.remove(name, directory: isDirectory)
            return try make(parents.current, name)
        } catch {
            throw error == .directoryNotEmpty
                ? .refused("it would replace a directory that has entries") : .call(error)
        }
    }
}
