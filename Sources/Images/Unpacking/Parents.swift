internal import Archives
internal import Linux

/// The directory that the present entry belongs into, kept open because the next entry is mostly in the same one.
///
/// Paths may lead through symbolic links that the archive itself has made (`lib → usr/lib`, then `lib/x`). They are
/// resolved with the tree as root, so that no link and no `..` in one leads out of it (R1).
struct Parents: ~Copyable {
    private let root: Directory
    private(set) var current: Directory
    private var path: [UInt8]?
    private let opaque: OpaqueMark

    /// Starts at the root of the tree.
    init(root: borrowing Directory, opaque: OpaqueMark) throws(Errno) {
        let top = try root.duplicate()
        let start = try root.duplicate()
        self.root = top
        self.opaque = opaque
        current = start
        path = []
    }

    /// Makes a directory `current`, creating what is missing of its path.
    mutating func enter(_ wanted: ArraySlice<UInt8>) throws(Errno) {
        if let path, wanted.elementsEqual(path) { return }
        path = nil
        current = try place(wanted)
        path = Array(wanted)
    }

    /// Forgets which directory is open, because a part of its path was replaced.
    ///
    /// `current` stays usable.
    mutating func invalidate() { path = nil }

    /// Opens a directory of the tree that must exist.
    func existing(_ wanted: ArraySlice<UInt8>) throws(Errno) -> Directory {
        guard let path = RawPath(wanted) else { return try root.duplicate() }
        return try root.place(path, resolution: .rooted)
    }

    /// Sets the time of a directory of the tree.
    func setTime(_ path: RawPath, _ time: TarTime) throws(Errno) {
        try root.openDirectory(path).setTime(seconds: time.seconds, nanoseconds: time.nanoseconds)
    }

    private func place(_ wanted: ArraySlice<UInt8>) throws(Errno) -> Directory {
        do throws(Errno) {
            return try existing(wanted)
        } catch {
            // A whiteout in the path isn't a directory, but becomes one.
            guard error == .noSuchFile || error == .notDirectory else { throw error }
        }
        try makeDirectories(wanted)
        return try existing(wanted)
    }

    /// Every prefix is resolved from the root again: a component may be a link that leads somewhere else.
    private func makeDirectories(_ wanted: ArraySlice<UInt8>) throws(Errno) {
        var end = wanted.startIndex
        while end < wanted.endIndex {
            let next = wanted[end...].firstIndex(of: UInt8(ascii: "/")) ?? wanted.endIndex
            if let name = RawName(wanted[end..<next]) {
                try makeDirectory(name, in: wanted[..<end].dropLast())
            }
            end = min(next + 1, wanted.endIndex)
        }
    }

    private func makeDirectory(_ name: RawName, in parent: ArraySlice<UInt8>) throws(Errno) {
        let directory = try existing(parent)
        do throws(Errno) {
            try directory.makeDirectory(name, mode: 0o755)
        } catch {
            guard error == .exists else { throw error }
            // A whiteout there was meant for lower layers; the directory now hides theirs.
            guard try directory.status(of: name).isWhiteout else { return }
            try directory.remove(name, directory: false)
            try directory.makeDirectory(name, mode: 0o755)
            try opaque.set(on: directory, name)
        }
    }
}
