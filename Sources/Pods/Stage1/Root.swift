internal import CFreestanding

/// The root of an app, reached only through its descriptor: no path leads out of it.
struct Root {
    /// The directory's descriptor.
    let directory: Int32

    private static let pathOnly: UInt64 = 0o10000000 | 0o2000000
    private static let noFollow: UInt64 = 0o400000
    private static let closeOnExec: UInt64 = 0o2000000
    /// RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS: links are followed, but the root is all there is.
    private static let inRoot: UInt64 = 0x10 | 0x02

    /// What should be at a path.
    enum Kind: Equatable {
        case directory(UInt32)
        case file
    }

    /// A handle of what is at a path.
    func handle(_ path: Text, follow: Bool = true) -> Int {
        let flags = Root.pathOnly | (follow ? 0 : Root.noFollow)
        return unsafe k_openat2(directory, path.pointer, flags, 0, Root.inRoot)
    }

    /// Opens a file to read; a FIFO doesn't hold us and a terminal doesn't become ours.
    func openForReading(_ path: Text) -> Int {
        let flags: UInt64 = Root.closeOnExec | 0o4000 | 0o400
        return unsafe k_openat2(directory, path.pointer, flags, 0, Root.inRoot)
    }

    /// A handle of a mount target, made with its parents if it is missing.
    func target(_ path: Text, _ kind: Kind, follow: Bool = true) throws(Failure) -> Int32 {
        var result = handle(path, follow: follow)
        if result == -Int(Failure.notFound) {
            try make(path, kind)
            result = handle(path, follow: follow)
            if follow, result == -Int(Failure.notFound) { result = try replaceLink(path, kind) }
        }
        let found = try check(result, "cannot open", path)
        if !follow, Status(of: found)?.isLink != false {
            _ = k_close(found)
            throw Failure(
                step: "a symbolic link is in the place of",
                subject: path,
                error: Failure.loop
            )
        }
        return found
    }

    /// Puts what is wanted in the place of a link that leads nowhere (Debian's `/etc/resolv.conf`).
    private func replaceLink(_ path: Text, _ kind: Kind) throws(Failure) -> Int {
        let last = try openParent(of: path)
        defer { _ = k_close(last.parent) }
        let removed = unsafe k_unlinkat(last.parent, last.name.pointer, 0)
        try check(removed, "cannot remove the link", path)
        try make(path, kind)
        return handle(path)
    }

    /// Makes a directory or an empty file and its missing parents.
    func make(_ path: Text, _ kind: Kind) throws(Failure) {
        let last = try openParent(of: path)
        defer { _ = k_close(last.parent) }
        guard !last.name.isEmpty else { return }
        switch kind {
        case .directory(let mode):
            let made = unsafe k_mkdirat(last.parent, last.name.pointer, mode)
            if made == -Int(Failure.exists) { return }
            try check(made, "cannot make the directory", path)
        case .file:
            let flags: Int32 = 0o100 | 0o200 | 0o400000 | 0o2000000 | 1
            let made = unsafe k_openat(last.parent, last.name.pointer, flags, 0o644)
            if made == -Int(Failure.exists) { return }
            _ = k_close(try check(made, "cannot make the file", path))
        }
    }

    /// Opens the directory that a path's last component is in, making what is missing of it (0755).
    func openParent(of path: Text) throws(Failure) -> (parent: Int32, name: Text) {
        let length = path.count
        let copy = unsafe allocate(CChar.self, length + 1)
        for index in 0...length { unsafe copy[index] = path.pointer[index] }
        var current = try check(handle("/"), "cannot open", "/")
        var start = 0
        while true {
            while start < length, path[start] == 0x2F { start += 1 }
            var end = start
            while end < length, path[end] != 0x2F { end += 1 }
            var rest = end
            while rest < length, path[rest] == 0x2F { rest += 1 }
            unsafe copy[end] = 0
            let name = unsafe Text(UnsafePointer(copy + start))
            if rest == length { return (current, name) }
            // Not one component at a time from `current`: a link on the way may lead to the root again.
            let prefix = unsafe Text(UnsafePointer(copy))
            var next = handle(prefix)
            if next == -Int(Failure.notFound) {
                let made = unsafe k_mkdirat(current, name.pointer, 0o755)
                if made != -Int(Failure.exists) {
                    try check(made, "cannot make the directory", prefix)
                }
                next = handle(prefix)
            }
            _ = k_close(current)
            current = try check(next, "cannot open", prefix)
            unsafe copy[end] = 0x2F
            start = rest
        }
    }
}

/// What kind of file a descriptor holds.
struct Status {
    private let raw: k_status

    /// Nil if the kernel doesn't tell.
    init?(of descriptor: Int32) {
        var raw = k_status()
        guard unsafe k_stat(descriptor, "", 0x1000, &raw) == 0 else { return nil }
        self.raw = raw
    }

    var isDirectory: Bool { raw.mode & 0o170000 == 0o040000 }
    var isRegular: Bool { raw.mode & 0o170000 == 0o100000 }
    var isLink: Bool { raw.mode & 0o170000 == 0o120000 }
    var isNull: Bool {
        raw.mode & 0o170000 == 0o020000 && raw.device_major == 1 && raw.device_minor == 3
    }
    var permissions: UInt32 { raw.mode & 0o7777 }
    var uid: UInt32 { raw.uid }
    var gid: UInt32 { raw.gid }
    var size: UInt64 { raw.size }
}
