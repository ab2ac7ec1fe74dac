internal import CLinux

extension Directory {
    /// How deep a removal goes before it moves what is deeper up to where it began.
    ///
    /// Each level takes two descriptors, and an app can make a tree of any depth.
    private static let deepest = 32

    /// Removes everything below the directory, never following a link and never crossing into another mount.
    ///
    /// A mount below stops the removal with `.busy` or `.crossDevice`.
    package func removeContents() throws(Errno) { try removeContents(start: self, level: 0) }

    /// Removes a component with everything below it; absence is fine.
    package func removeTree(_ name: String) throws(Errno) {
        try removeTree(rawName: Array(name.utf8), kind: nil)
    }

    func removeTree(rawName: [UInt8], kind: FileStatus.Kind?) throws(Errno) {
        try removeTree(rawName, kind, start: self, level: 0)
    }

    private func removeContents(start: borrowing Directory, level: Int) throws(Errno) {
        // A live directory may hide entries from a scan that deletes as it goes, and deep ones arrive from below: scan
        // again until nothing is left.
        var found = true
        while found {
            found = false
            try forEachRawEntry { name, kind throws(Errno) in
                found = true
                try self.removeTree(name, kind, start: start, level: level)
            }
        }
    }

    private func removeTree(
        _ rawName: [UInt8],
        _ kind: FileStatus.Kind?,
        start: borrowing Directory,
        level: Int
    ) throws(Errno) {
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
        guard let child = try openForRemoval(name) else { return }
        if level == Self.deepest { return try moveUp(name, to: start) }
        // What is deeper still moves into the topmost directory that is removed, so that it goes with it.
        if level == 0 {
            try child.removeContents(start: child, level: 1)
        } else {
            try child.removeContents(start: start, level: level + 1)
        }
        let result = unsafe linux_unlinkat(descriptor.number, name, 0x200)
        guard result == 0 || result == -Errno.noSuchFile.rawValue else { throw Errno(-result) }
    }

    private func openForRemoval(_ name: [CChar]) throws(Errno) -> Directory? {
        let resolution: Resolution = [.strict, .noMountCrossing]
        let flags: OpenFlags = [.always, .directory, .noFollow]
        func open() -> Int32 {
            unsafe linux_openat2(
                descriptor.number,
                name,
                flags.rawValue,
                0,
                resolution.rawValue
            )
        }
        var opened = open()
        if opened == -Errno.accessDenied.rawValue {
            // A directory without read permission, as an unprivileged owner meets it.
            _ = unsafe linux_fchmodat(descriptor.number, name, 0o700)
            opened = open()
        }
        if opened == -Errno.noSuchFile.rawValue { return nil }
        return Directory(Descriptor(owning: try check(opened)))
    }

    private func moveUp(_ name: [CChar], to start: borrowing Directory) throws(Errno) {
        let newName = "deep-" + randomHex(bytes: 8)
        try check(
            unsafe linux_renameat2(
                descriptor.number,
                name,
                start.descriptor.number,
                newName,
                1
            )
        )
    }
}
