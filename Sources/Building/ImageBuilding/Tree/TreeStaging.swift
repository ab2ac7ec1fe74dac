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

    let changes: Directory
    let root: MergedDirectory
    let date: SourceDate
    /// What copies get.
    package var attributes = Attributes()
    /// Whether something of the source is left out, told its path below the source.
    package var isExcluded: ([UInt8]) -> Bool = { _ in false }
    /// Whether whiteouts and opaque directories of the source are what they are, and not left out as devices.
    var keepsWhiteouts = false
    /// What was left out, in words for the user.
    package internal(set) var warnings: [String] = []
    var linked: [FileIdentity: (path: [RawName], name: RawName)] = [:]

    struct FileIdentity: Hashable {
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
        try make(path, mode: 0o644) { (file) throws(Errno) in try file.write(bytes) }
    }

    /// Writes what a file of nowhere holds; it gets the permissions unless ``attributes`` has others.
    mutating func write(
        _ source: borrowing Descriptor,
        to path: [UInt8],
        mode: UInt32
    ) throws(BuildError) {
        try make(path, mode: mode) { (file) throws(Errno) in
            try source.copyData(to: file, size: source.status().size)
        }
    }

    private mutating func make(
        _ path: [UInt8],
        mode: UInt32,
        _ fill: (borrowing Descriptor) throws(Errno) -> Void
    ) throws(BuildError) {
        let target = try root.resolve(path)
        guard let last = target.components.last, target.status?.kind != .directory else {
            throw .invalid("\"/\(text(target.components))\" is a directory of the image")
        }
        let parent = Array(target.components.dropLast())
        let place = try enter(parent)
        try writing(last.bytes) { () throws(Errno) in
            try place.removeTree(last)
            let file = try place.createFile(last, mode: 0o600)
            try fill(file)
            try own { () throws(Errno) in
                try file.setOwner(uid: attributes.uid ?? 0, gid: attributes.gid ?? 0)
            }
            try file.setPermissions(attributes.mode ?? mode)
            try file.setTime(seconds: date.ofNewDirectories, nanoseconds: 0)
        }
        try settle(parent)
    }
}
