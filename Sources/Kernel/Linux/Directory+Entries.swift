internal import CLinux

/// One entry of a directory.
package struct DirectoryEntry: Sendable {
    package let name: String
    /// The kind if the file system tells it without asking further.
    package let kind: FileStatus.Kind?
}

extension Directory {
    /// The entries without `.` and `..`, in the file system's order.
    ///
    /// Names that aren't UTF-8 come back repaired and can't be opened by that name; `removeTree` works on bytes.
    package func entries() throws(Errno) -> [DirectoryEntry] {
        var result: [DirectoryEntry] = []
        try forEachRawEntry { name, kind throws(Errno) in
            result.append(DirectoryEntry(name: String(decoding: name, as: UTF8.self), kind: kind))
        }
        return result
    }

    /// Removes everything below the directory, never following a link and never crossing into another mount.
    ///
    /// A mount below stops the removal with `.busy` or `.crossDevice`.
    package func removeContents() throws(Errno) {
        // A live directory may hide entries from a scan that deletes as it goes: scan again until nothing is left.
        for _ in 0..<64 {
            var found = false
            try forEachRawEntry { name, kind throws(Errno) in
                found = true
                try self.removeTree(rawName: name, kind: kind)
            }
            if !found { return }
        }
        throw .directoryNotEmpty
    }

    /// Removes a component with everything below it; absence is fine.
    package func removeTree(_ name: String) throws(Errno) {
        try removeTree(rawName: Array(name.utf8), kind: nil)
    }

    func removeTree(rawName: [UInt8], kind: FileStatus.Kind?) throws(Errno) {
        let name = rawName.map { CChar(bitPattern: $0) } + [0]
        guard !rawName.isEmpty, !rawName.contains(0x2F), !rawName.contains(0) else {
            throw .invalidArgument
        }
        if kind != .directory {
            let result = unsafe linux_unlinkat(descriptor.number, name, 0)
            if result == 0 || result == -Errno.noSuchFile.rawValue { return }
            guard
                result == -Errno.isDirectory.rawValue || result == -Errno.notPermitted.rawValue
            else { throw Errno(-result) }
        }
        let resolution: Resolution = [.strict, .noMountCrossing]
        let flags: OpenFlags = [.always, .directory, .noFollow]
        var opened = unsafe linux_openat2(
            descriptor.number,
            name,
            flags.rawValue,
            0,
            resolution.rawValue
        )
        if opened == -Errno.accessDenied.rawValue {
            // A directory without read permission, as an unprivileged owner meets it.
            _ = unsafe linux_fchmodat(descriptor.number, name, 0o700)
            opened = unsafe linux_openat2(
                descriptor.number,
                name,
                flags.rawValue,
                0,
                resolution.rawValue
            )
        }
        if opened == -Errno.noSuchFile.rawValue { return }
        let child = Directory(Descriptor(owning: try check(opened)))
        try child.removeContents()
        let result = unsafe linux_unlinkat(descriptor.number, name, 0x200)
        guard result == 0 || result == -Errno.noSuchFile.rawValue else { throw Errno(-result) }
    }

    func forEachRawEntry(
        _ body: ([UInt8], FileStatus.Kind?) throws(Errno) -> Void
    ) throws(Errno) {
        let reading = try open(".", .directory)
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        while true {
            let count = try check(
                unsafe buffer.withUnsafeMutableBytes {
                    unsafe linux_getdents(reading.number, $0.baseAddress, $0.count)
                }
            )
            if count == 0 { return }
            var offset = 0
            while offset + 19 <= count {
                let length = Int(buffer[offset + 16]) | Int(buffer[offset + 17]) << 8
                guard length > 19, offset + length <= count else { throw .invalidArgument }
                let name = Array(buffer[(offset + 19)..<(offset + length)].prefix { $0 != 0 })
                let kind = kind(ofEntry: buffer[offset + 18])
                offset += length
                if name == [0x2E] || name == [0x2E, 0x2E] { continue }
                try body(name, kind)
            }
        }
    }

    private func kind(ofEntry type: UInt8) -> FileStatus.Kind? {
        switch type {
        case 1: .fifo
        case 2: .characterDevice
        case 4: .directory
        case 6: .blockDevice
        case 8: .regular
        case 10: .symbolicLink
        case 12: .socket
        default: nil
        }
    }
}
