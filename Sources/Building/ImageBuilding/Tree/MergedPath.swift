package import Linux

/// A path of an image with every link resolved inside the image.
package struct MergedPath: Sendable {
    /// The components from the root of the image, none of them a symbolic link, `.` or `..`.
    package let components: [RawName]
    /// How many of them, from the first, are directories that are there.
    package let existing: Int
    /// What the path names, if that is there.
    package let status: FileStatus?
}

extension MergedDirectory {
    private static let mostLinks = 40

    /// Resolves a path with this directory as its root: nothing, no link and no `..`, leads out of it (R1).
    ///
    /// What isn't there yet resolves to where it would be made.
    ///
    /// - Parameter followsLast: whether a link that the path itself names is followed.
    package func resolve(
        _ path: [UInt8],
        followsLast: Bool = true
    ) throws(BuildError) -> MergedPath {
        var rest = Array(path.split(separator: 0x2F).map(Array.init).reversed())
        var done: [RawName] = []
        var open: [MergedDirectory] = [self]
        var last: FileStatus? = try reading { () throws(Errno) in try status() }
        var links = 0
        while let component = rest.popLast() {
            if component == [0x2E] { continue }
            if component == [0x2E, 0x2E] {
                if !done.isEmpty {
                    done.removeLast()
                    if open.count > done.count + 1 { open.removeLast() }
                }
                last = nil
                continue
            }
            guard let name = RawName(component) else {
                throw .invalid("\"\(String(decoding: component, as: UTF8.self))\" is no file name")
            }
            guard open.count == done.count + 1, let current = open.last,
                let entry = try reading({ () throws(Errno) in try current.entry(name) })
            else {
                done.append(name)
                last = nil
                continue
            }
            last = entry.status
            switch entry.status.kind {
            case .symbolicLink where followsLast || !rest.isEmpty:
                links += 1
                guard links <= Self.mostLinks else {
                    throw .invalid("too many symbolic links in \"\(text(path))\"")
                }
                let target = try reading { () throws(Errno) in try current.link(name, entry) }
                if target.first == 0x2F { (done, open) = ([], [self]) }
                rest += target.split(separator: 0x2F).map(Array.init).reversed()
            case .directory:
                open.append(
                    try reading { () throws(Errno) in try current.directory(name, entry) }
                )
                done.append(name)
            default:
                guard rest.isEmpty else {
                    throw .invalid("\"\(text(path))\": not a directory on the way")
                }
                done.append(name)
            }
        }
        if last == nil, open.count == done.count + 1 {
            last = try reading { () throws(Errno) in try open[done.count].status() }
        }
        return MergedPath(components: done, existing: open.count - 1, status: last)
    }

    /// The directory at a resolved path of which all is there.
    package func directory(at components: [RawName]) throws(BuildError) -> MergedDirectory {
        var current = self
        for name in components {
            current = try reading { () throws(Errno) in
                guard let entry = try current.entry(name) else { throw .noSuchFile }
                return try current.directory(name, entry)
            }
        }
        return current
    }

    /// The contents of a file, nil if it isn't there or isn't a regular file.
    package func contents(
        of path: String,
        limit: Int = 1 << 20
    ) throws(BuildError) -> [UInt8]? {
        let resolved = try resolve(Array(path.utf8))
        guard resolved.status?.kind == .regular, let name = resolved.components.last else {
            return nil
        }
        let parent = try directory(at: Array(resolved.components.dropLast()))
        return try reading { () throws(Errno) in
            guard let entry = try parent.entry(name) else { return nil }
            return try parent.file(name, entry).readToEnd(limit: limit)
        }
    }

    private func reading<Result>(
        _ body: () throws(Errno) -> Result
    ) throws(BuildError) -> Result {
        try step("read the image's files", body)
    }

    private func text(_ path: [UInt8]) -> String {
        String(decoding: path, as: UTF8.self)
    }
}

extension MergedDirectory {
    /// What is at a path of real names; nil if nothing is.
    func entry(at components: [RawName]) throws(BuildError) -> FileStatus? {
        var current = self
        for (index, name) in components.enumerated() {
            let found = try step("read the image's files") { () throws(Errno) in
                try current.entry(name)
            }
            guard let found else { return nil }
            if index == components.count - 1 { return found.status }
            guard found.status.kind == .directory else { return found.status }
            current = try step("read the image's files") { () throws(Errno) in
                try current.directory(name, found)
            }
        }
        return try step("read the image's files") { () throws(Errno) in try status() }
    }
}
