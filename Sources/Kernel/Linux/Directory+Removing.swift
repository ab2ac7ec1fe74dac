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
            let result = remove(name) { unsafe linux_unlinkat(descriptor.number, name, 0) }
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
        let result = remove(name) { unsafe linux_unlinkat(descriptor.number, name, 0x200) }
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
        let (from, to) = (descriptor.number, start.descriptor.number)
        _ = linux_clear_removal_flags(to)
        try check(remove(name) { unsafe linux_renameat2(from, name, to, newName, 1) })
    }

    /// Takes an entry away; if flags forbid that (`chattr +i`, `+a`), which an app may have the capability to set, then
    /// after clearing them.
    private func remove(_ name: [CChar], _ call: () -> Int32) -> Int32 {
        let result = call()
        guard result == -Errno.notPermitted.rawValue else { return result }
        let own = linux_clear_removal_flags(descriptor.number)
        return clearFlags(of: name) || own > 0 ? call() : result
    }

    private func clearFlags(of name: [CChar]) -> Bool {
        // Only files and directories have flags, and opening something else may do something.
        guard let raw = RawName(name.dropLast().map { UInt8(bitPattern: $0) }[...]),
            let kind = try? status(of: raw).kind, kind == .regular || kind == .directory
        else { return false }
        let flags: OpenFlags = [.always, .noFollow, .nonBlocking]
        let resolution: Resolution = [.strict, .noMountCrossing]
        let opened = unsafe linux_openat2(
            descriptor.number,
            name,
            flags.rawValue,
            0,
            resolution.rawValue
        )
        guard opened >= 0 else { return false }
        let file = Descriptor(owning: opened)
        return linux_clear_removal_flags(file.number) > 0
    }
}
