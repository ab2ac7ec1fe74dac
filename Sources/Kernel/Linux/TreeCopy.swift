internal import CLinux

/// Copies layers over one another into a directory, as overlayfs would show them.
///
/// Everything that makes a file what it is goes along: bytes and holes, owner, permissions, extended attributes, time
/// and names it shares. Device nodes and sockets don't.
package struct TreeCopy: ~Copyable {
    private let root: Directory
    /// Where in the copy a file of this layer lies that has more names.
    private var linked: [FileIdentity: [UInt8]] = [:]
    /// Whether something of this layer is copied; nil for all of it.
    private var keeps: Selection?
    /// Bytes of the files copied.
    package private(set) var size: UInt64 = 0

    /// Whether a path, from the root and without a slash before it, is copied.
    package typealias Selection = (_ path: [UInt8], _ isDirectory: Bool) -> Bool

    private struct FileIdentity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    /// A copy into an empty directory.
    package init(into root: consuming Directory) { self.root = root }

    /// Lays a layer over what is in the copy already.
    ///
    /// - Parameter keeps: which paths are copied; a directory that isn't is left out with all below it.
    package mutating func add(
        layer: borrowing Directory,
        _ keeps: Selection? = nil
    ) throws(Errno) {
        linked = [:]
        self.keeps = keeps
        let target = try root.duplicate()
        try copyContents(of: layer, to: target, at: [])
        try finish(layer.descriptor, target.descriptor)
    }

    private mutating func copyContents(
        of source: borrowing Directory,
        to target: borrowing Directory,
        at path: [UInt8]
    ) throws(Errno) {
        // The names first: what is copied below would move the position of the listing.
        var names: [[UInt8]] = []
        try source.forEachRawEntry { name, _ in names.append(name) }
        for name in names {
            guard let raw = RawName(name) else { throw .invalidArgument }
            let place = path.isEmpty ? name : path + [0x2F] + name
            try copy(name, raw, from: source, to: target, at: place)
        }
    }

    private mutating func copy(
        _ bytes: [UInt8],
        _ name: RawName,
        from source: borrowing Directory,
        to target: borrowing Directory,
        at path: [UInt8]
    ) throws(Errno) {
        let status = try source.status(of: name)
        if let keeps, !keeps(path, status.kind == .directory) { return }
        if status.kind != .directory { try target.removeTree(rawName: bytes, kind: nil) }
        switch status.kind {
        case .directory:
            try copyDirectory(bytes, name, from: source, to: target, at: path)
        case .regular:
            try copyFile(name, status, from: source, to: target, at: path)
        case .symbolicLink:
            guard let link = RawPath(try source.readLink(name)) else { throw .invalidArgument }
            try target.makeSymbolicLink(name, to: link)
            try target.setOwner(name, uid: status.uid, gid: status.gid)
        case .fifo:
            try target.makeFifo(name, mode: status.permissions)
            try target.setOwner(name, uid: status.uid, gid: status.gid)
        case .characterDevice, .blockDevice, .socket, .other:
            // A character device 0:0 says that nothing is here, which is true now; others are nobody's (R13).
            return
        }
    }

    private mutating func copyDirectory(
        _ bytes: [UInt8],
        _ name: RawName,
        from source: borrowing Directory,
        to target: borrowing Directory,
        at path: [UInt8]
    ) throws(Errno) {
        let from = try source.directory(name)
        let isKnown = try? target.status(of: name).kind == .directory
        if isKnown != true || from.descriptor.isOpaque {
            try target.removeTree(rawName: bytes, kind: nil)
            try target.makeDirectory(name, mode: 0o700)
        }
        let to = try target.directory(name)
        try copyContents(of: from, to: to, at: path)
        try finish(from.descriptor, to.descriptor)
    }

    private mutating func copyFile(
        _ name: RawName,
        _ status: FileStatus,
        from source: borrowing Directory,
        to target: borrowing Directory,
        at path: [UInt8]
    ) throws(Errno) {
        let identity = FileIdentity(device: status.device, inode: status.inode)
        if status.links > 1 {
            if let first = linked[identity] { return try root.link(first, to: target, as: name) }
            linked[identity] = path
        }
        let from = try source.openFile(name)
        let to = try target.createFile(name, mode: 0o600)
        try from.copyData(to: to, size: status.size)
        size = size.addingReportingOverflow(status.size).partialValue
        try finish(from, to)
    }

    /// Gives a copy the owner, permissions, attributes and time of the original, in an order in which none undoes another.
    private func finish(
        _ source: borrowing Descriptor,
        _ target: borrowing Descriptor
    ) throws(Errno) {
        let status = try source.status()
        try target.setOwner(uid: status.uid, gid: status.gid)
        try target.setPermissions(status.permissions)
        for name in try source.extendedAttributes() where !name.contains(".overlay.") {
            guard let path = RawPath(name.utf8) else { continue }
            try target.setExtendedAttribute(path, try source.extendedAttribute(name))
        }
        let time = status.modified
        try target.setTime(
            seconds: time.seconds,
            nanoseconds: Int32(clamping: time.nanoseconds)
        )
    }
}
