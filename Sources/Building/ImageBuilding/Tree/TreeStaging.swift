internal import Archives
package import Linux

/// Puts files of the host, or of another image, into the changes of a step.
///
/// Nothing of the source is followed: a link stays a link, wherever it leads. Devices and sockets are left out.
package struct TreeStaging: ~Copyable {
    /// What copies get instead of what their originals have.
    package struct Attributes: Sendable {
        /// The owner.
        package var uid: UInt32?
        /// The group.
        package var gid: UInt32?
        /// The permissions of files and directories.
        package var mode: UInt32?

        /// Everything as it is.
        package init() {}
    }

    private let changes: Directory
    private let root: MergedDirectory
    private let date: SourceDate
    /// What copies get.
    package var attributes = Attributes()
    /// Whether something of the source is left out, told its path below the source.
    package var isExcluded: ([UInt8]) -> Bool = { _ in false }
    /// Whether whiteouts and opaque directories of the source are what they are, and not left out as devices.
    var keepsWhiteouts = false
    /// What was left out, in words for the user.
    package private(set) var warnings: [String] = []
    private var linked: [FileIdentity: (path: [RawName], name: RawName)] = [:]

    private struct FileIdentity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    /// Stages into a directory of changes above the image with this root.
    package init(
        into changes: consuming Directory,
        above root: MergedDirectory,
        date: SourceDate
    ) {
        self.changes = changes
        self.root = root
        self.date = date
    }

    /// Copies a file, or what is in a directory, to a path of the image.
    ///
    /// - Parameters:
    ///   - name: of the source in its parent; nil is the parent itself, whose contents are copied.
    ///   - path: where to, links resolved in the image; what is missing of it is made.
    package mutating func copy(
        _ name: RawName?,
        in parent: MergedDirectory,
        to path: [UInt8]
    ) throws(BuildError) {
        let target = try root.resolve(path)
        guard let name else {
            try copyRoot(parent, to: target)
            return
        }
        guard
            let entry = try reading(
                name.bytes,
                { () throws(Errno) in try parent.entry(name) }
            )
        else { throw .invalid("no such file: \"\(printable(name.bytes))\"") }
        if entry.status.kind == .directory {
            let source = try reading(name.bytes) { () throws(Errno) in
                try parent.directory(name, entry)
            }
            return try copyRoot(source, to: target)
        }
        if target.status?.kind == .directory {
            throw .invalid("\"/\(text(target.components))\" is a directory of the image")
        }
        guard let last = target.components.last else {
            throw .invalid("the root of the image is no file")
        }
        let place = try enter(Array(target.components.dropLast()))
        try copyEntry(
            name,
            entry,
            of: parent,
            to: place,
            as: last,
            at: [],
            below: Array(target.components.dropLast())
        )
        try settle(Array(target.components.dropLast()))
    }

    /// Copies what is in a directory to the root, which gets its owner, permissions and time.
    package mutating func copyTree(_ source: MergedDirectory) throws(BuildError) {
        let place = try enter([])
        try copyContents(of: source, to: place, at: [], below: [])
        try writing([]) { () throws(Errno) in
            try place.descriptor.describe(as: source.status(), source.attributes())
            if keepsWhiteouts, source.isOpaque { try place.descriptor.markOpaque() }
        }
    }

    /// Makes a directory of the image and what is missing of its path.
    package mutating func makeDirectory(_ path: [UInt8]) throws(BuildError) {
        let target = try root.resolve(path)
        if let status = target.status, status.kind != .directory {
            throw .invalid("\"/\(text(target.components))\" is not a directory of the image")
        }
        _ = try enter(target.components)
    }

    /// Writes a file.
    package mutating func write(
        _ bytes: [UInt8],
        to path: [UInt8]
    ) throws(BuildError) {
        let target = try root.resolve(path)
        guard let last = target.components.last, target.status?.kind != .directory else {
            throw .invalid("\"/\(text(target.components))\" is a directory of the image")
        }
        let place = try enter(Array(target.components.dropLast()))
        try writing(last.bytes) { () throws(Errno) in
            try place.removeTree(last)
            let file = try place.createFile(last, mode: 0o600)
            try file.write(bytes)
            try file.setPermissions(attributes.mode ?? 0o644)
            try own { () throws(Errno) in
                try file.setOwner(uid: attributes.uid ?? 0, gid: attributes.gid ?? 0)
            }
            try file.setTime(seconds: date.ofNewDirectories, nanoseconds: 0)
        }
        try settle(Array(target.components.dropLast()))
    }

    /// Opens a directory of the changes, which gets what the image's has; what neither has is made.
    package mutating func enter(_ components: [RawName]) throws(BuildError) -> Directory {
        var place = try writing([]) { () throws(Errno) in try changes.duplicate() }
        var merged: MergedDirectory? = root
        for name in components {
            var below: MergedDirectory?
            if let current = merged {
                below = try reading(name.bytes) { () throws(Errno) in
                    guard let entry = try current.entry(name), entry.status.kind == .directory
                    else { return nil }
                    return try current.directory(name, entry)
                }
            }
            place = try writing(name.bytes) { () throws(Errno) in
                do throws(Errno) {
                    return try place.directory(name)
                } catch {
                    guard error == .noSuchFile else { throw error }
                }
                try place.makeDirectory(name, mode: 0o700)
                let made = try place.directory(name)
                if let below {
                    try made.descriptor.describe(as: below.status(), below.attributes())
                } else {
                    try made.descriptor.setPermissions(0o755)
                    try own { () throws(Errno) in
                        try made.descriptor.setOwner(
                            uid: attributes.uid ?? 0,
                            gid: attributes.gid ?? 0
                        )
                    }
                }
                return made
            }
            merged = below
        }
        try settle(components)
        return place
    }

    /// Making something in a directory changed its time: it is set again, to that of the image's or the fixed one.
    private func settle(_ components: [RawName]) throws(BuildError) {
        try writing([]) { () throws(Errno) in
            var place = try changes.duplicate()
            var merged: MergedDirectory? = root
            for index in 0...components.count {
                if let merged {
                    let time = try merged.status().modified
                    try place.descriptor.setTime(
                        seconds: time.seconds,
                        nanoseconds: Int32(clamping: time.nanoseconds)
                    )
                } else {
                    try place.descriptor.setTime(
                        seconds: date.ofNewDirectories,
                        nanoseconds: 0
                    )
                }
                guard index < components.count else { return }
                if let current = merged {
                    merged = try current.entry(components[index]).flatMap {
                        (entry) throws(Errno) in
                        entry.status.kind == .directory
                            ? try current.directory(components[index], entry) : nil
                    }
                }
                place = try place.directory(components[index])
            }
        }
    }
}

// MARK: - Copying

extension TreeStaging {
    private mutating func copyRoot(
        _ source: MergedDirectory,
        to target: MergedPath
    ) throws(BuildError) {
        if let status = target.status, status.kind != .directory {
            throw .invalid("\"/\(text(target.components))\" is not a directory of the image")
        }
        let place = try enter(target.components)
        try copyContents(of: source, to: place, at: [], below: target.components)
        try writing([]) { () throws(Errno) in
            // A directory that was there keeps what it has; the root always was.
            if target.status == nil {
                try place.descriptor.describe(
                    as: source.status(),
                    source.attributes(),
                    uid: attributes.uid,
                    gid: attributes.gid,
                    mode: attributes.mode
                )
            }
        }
        try settle(target.status == nil ? Array(target.components.dropLast()) : target.components)
    }

    private mutating func copyContents(
        of source: MergedDirectory,
        to place: borrowing Directory,
        at path: [UInt8],
        below target: [RawName]
    ) throws(BuildError) {
        for name in try reading(path, { () throws(Errno) in try source.names() }) {
            let inner = path.isEmpty ? name.bytes : path + [0x2F] + name.bytes
            if isExcluded(inner) { continue }
            guard
                let entry = try reading(inner, { () throws(Errno) in try source.entry(name) })
            else { continue }
            try copyEntry(name, entry, of: source, to: place, as: name, at: inner, below: target)
        }
    }

    private mutating func copyEntry(
        _ name: RawName,
        _ entry: MergedDirectory.Entry,
        of source: MergedDirectory,
        to place: borrowing Directory,
        as newName: RawName,
        at path: [UInt8],
        below target: [RawName]
    ) throws(BuildError) {
        let status = entry.status
        switch status.kind {
        case .directory:
            try copyDirectory(name, entry, of: source, to: place, at: path, below: target)
        case .regular:
            try copyFile(name, entry, of: source, to: place, as: newName, below: target)
        case .symbolicLink:
            let link = try reading(path) { () throws(Errno) in try source.link(name, entry) }
            try writing(path) { () throws(Errno) in
                guard let link = RawPath(link) else { throw .invalidArgument }
                try place.removeTree(newName)
                try place.makeSymbolicLink(newName, to: link)
            }
            try describe(newName, status, in: place, path)
        case .fifo:
            try writing(path) { () throws(Errno) in
                try place.removeTree(newName)
                try place.makeFifo(newName, mode: status.permissions)
            }
            try describe(newName, status, in: place, path)
        case .characterDevice where keepsWhiteouts && status.isWhiteout:
            try writing(path) { () throws(Errno) in try place.makeWhiteout(newName) }
        case .characterDevice, .blockDevice, .socket, .other:
            warnings.append("left out \"\(printable(path))\": neither file, directory nor link")
        }
    }

    /// A directory over anything else than a directory of the image would be a surprise: it is refused.
    private mutating func copyDirectory(
        _ name: RawName,
        _ entry: MergedDirectory.Entry,
        of source: MergedDirectory,
        to place: borrowing Directory,
        at path: [UInt8],
        below target: [RawName]
    ) throws(BuildError) {
        let below = try reading(path) { () throws(Errno) in try source.directory(name, entry) }
        let components = target + [name]
        let there = try root.entry(at: components)
        if let there, there.kind != .directory {
            throw .invalid("\"/\(text(components))\" is not a directory of the image")
        }
        let made = try writing(path) { () throws(Errno) in
            do throws(Errno) {
                try place.makeDirectory(name, mode: 0o700)
            } catch {
                guard error == .exists else { throw error }
            }
            return try place.directory(name)
        }
        try copyContents(of: below, to: made, at: path, below: components)
        try writing(path) { () throws(Errno) in
            try made.descriptor.describe(
                as: below.status(),
                below.attributes(),
                uid: attributes.uid,
                gid: attributes.gid,
                mode: attributes.mode
            )
            if keepsWhiteouts, below.isOpaque { try made.descriptor.markOpaque() }
        }
    }

    private mutating func copyFile(
        _ name: RawName,
        _ entry: MergedDirectory.Entry,
        of source: MergedDirectory,
        to place: borrowing Directory,
        as newName: RawName,
        below target: [RawName]
    ) throws(BuildError) {
        let status = entry.status
        let identity = FileIdentity(device: status.device, inode: status.inode)
        if status.links > 1 {
            if let first = linked[identity] {
                let parent = try enter(first.path)
                return try writing(name.bytes) { () throws(Errno) in
                    try place.removeTree(newName)
                    try parent.link(first.name, to: place, as: newName)
                }
            }
            linked[identity] = (target, newName)
        }
        let from = try reading(name.bytes) { () throws(Errno) in try source.file(name, entry) }
        try writing(name.bytes) { () throws(Errno) in
            try place.removeTree(newName)
            let to = try place.createFile(newName, mode: 0o600)
            try from.copyData(to: to, size: status.size)
            try to.describe(
                as: status,
                from.imageAttributes(),
                uid: attributes.uid,
                gid: attributes.gid,
                mode: attributes.mode
            )
        }
    }

    private func describe(
        _ name: RawName,
        _ status: FileStatus,
        in place: borrowing Directory,
        _ path: [UInt8]
    ) throws(BuildError) {
        try writing(path) { () throws(Errno) in
            try own { () throws(Errno) in
                try place.setOwner(
                    name,
                    uid: attributes.uid ?? status.uid,
                    gid: attributes.gid ?? status.gid
                )
            }
            let time = status.modified
            try place.setTime(
                name,
                seconds: time.seconds,
                nanoseconds: Int32(clamping: time.nanoseconds)
            )
        }
    }

    private func reading<Result: ~Copyable>(
        _ path: [UInt8],
        _ body: () throws(Errno) -> Result
    ) throws(BuildError) -> Result {
        try step("read \"\(printable(path))\"", body)
    }

    private func writing<Result: ~Copyable>(
        _ path: [UInt8],
        _ body: () throws(Errno) -> Result
    ) throws(BuildError) -> Result {
        try step("copy \"\(printable(path))\"", body)
    }

    private func text(_ components: [RawName]) -> String {
        components.map { printable($0.bytes) }.joined(separator: "/")
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
