internal import CLinux

// What copying and archiving a tree reads of it: names as bytes, attributes, links, and data without holes.
extension Descriptor {
    /// Whether overlayfs shows nothing of lower layers in this directory.
    package var isOpaque: Bool {
        ["trusted.overlay.opaque", "user.overlay.opaque"].contains { name in
            (try? extendedAttribute(name)) == [UInt8(ascii: "y")]
        }
    }

    /// The names of the extended attributes.
    ///
    /// The corresponding system call is `flistxattr`.
    package func extendedAttributes() throws(Errno) -> [String] {
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        let count = unsafe linux_flistxattr(number, &buffer, buffer.count)
        if count == -Int(Errno.notSupported.rawValue) { return [] }
        let bytes = buffer.prefix(try check(count)).map { UInt8(bitPattern: $0) }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The value of an extended attribute.
    ///
    /// The corresponding system call is `fgetxattr`.
    package func extendedAttribute(_ name: String) throws(Errno) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = try check(unsafe linux_fgetxattr(number, name, &buffer, buffer.count))
        return Array(buffer.prefix(count))
    }

    /// Copies the bytes of a file, leaving holes what they are.
    package func copyData(to target: borrowing Descriptor, size: UInt64) throws(Errno) {
        guard let end = Int64(exactly: size) else { throw Errno.fileTooLarge }
        var position: Int64 = 0
        while position < end {
            // SEEK_DATA 3, SEEK_HOLE 4; no more data is ENXIO.
            let data = linux_lseek(number, position, 3)
            if data == -6 { break }
            let start = try check(data)
            let hole = min(end, try check(linux_lseek(number, start, 4)))
            try check(linux_lseek(number, start, 0))
            try check(linux_lseek(target.number, start, 0))
            try send(to: target, count: hole - start)
            position = max(hole, start + 1)
        }
        try target.truncate(to: end)
    }

    /// Copies so many bytes from the present position to that of another file.
    ///
    /// The corresponding system call is `sendfile`.
    package func send(to target: borrowing Descriptor, count: Int64) throws(Errno) {
        var left = count
        while left > 0 {
            let sent = try check(
                linux_sendfile(target.number, number, Int(min(left, 1 << 30)))
            )
            if sent == 0 { return }
            left -= Int64(sent)
        }
    }
}

extension Directory {
    /// Opens a regular file of this directory, not following a link.
    package func openFile(_ name: RawName) throws(Errno) -> Descriptor {
        let flags = OpenFlags([.noFollow, .nonBlocking, .always])
        let number = unsafe linux_openat(
            descriptor.number,
            name.characters,
            Int32(flags.rawValue),
            0
        )
        return Descriptor(owning: try check(number))
    }

    /// Where a symbolic link of this directory leads, unresolved.
    ///
    /// The corresponding system call is `readlinkat`.
    package func readLink(_ name: RawName) throws(Errno) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = try check(
            unsafe linux_readlinkat(descriptor.number, name.characters, &buffer, buffer.count)
        )
        return buffer.prefix(count).map { UInt8(bitPattern: $0) }
    }

    /// Gives a file of the copy, by its path from the copy's root, one more name.
    package func link(
        _ path: [UInt8],
        to target: borrowing Directory,
        as name: RawName
    ) throws(Errno) {
        guard let path = RawPath(path) else { throw .invalidArgument }
        let result = unsafe linux_linkat(
            descriptor.number,
            path.characters,
            target.descriptor.number,
            name.characters,
            0
        )
        try check(result)
    }
}

extension Directory {
    /// The names in this directory without `.` and `..`, sorted by their bytes.
    package func rawNames() throws(Errno) -> [RawName] {
        var names: [[UInt8]] = []
        try forEachRawEntry { name, _ throws(Errno) in names.append(name) }
        names.sort { $0.lexicographicallyPrecedes($1) }
        return names.compactMap { RawName($0) }
    }

    /// Removes a component with everything below it; absence is fine.
    package func removeTree(_ name: RawName) throws(Errno) {
        try removeTree(rawName: name.bytes, kind: nil)
    }

    /// Renames a component of this directory into another one, replacing a file there.
    ///
    /// The corresponding system call is `renameat2`.
    package func rename(
        _ name: RawName,
        to target: borrowing Directory,
        as newName: RawName
    ) throws(Errno) {
        let (source, destination) = (descriptor.number, target.descriptor.number)
        try check(
            unsafe linux_renameat2(source, name.characters, destination, newName.characters, 0)
        )
    }

    /// Sets the permission bits of a name that is no symbolic link.
    ///
    /// The corresponding system call is `fchmodat`.
    package func setPermissions(_ name: RawName, _ mode: UInt32) throws(Errno) {
        try check(unsafe linux_fchmodat(descriptor.number, name.characters, mode))
    }
}
