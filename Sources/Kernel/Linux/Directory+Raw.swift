internal import CLinux

// Calls that unpack an archive: names are bytes, times and owners are set by name without following links.
extension Directory {
    /// Opens a directory below as a place to work from; only `*at` calls go through the handle.
    ///
    /// The corresponding system call is `openat2(O_PATH)`.
    package func place(_ path: RawPath, resolution: Resolution) throws(Errno) -> Directory {
        let flags: OpenFlags = [.pathOnly, .directory, OpenFlags(rawValue: 0o2000000)]
        let number = unsafe linux_openat2(
            descriptor.number,
            path.characters,
            flags.rawValue,
            0,
            resolution.rawValue
        )
        return Directory(Descriptor(owning: try check(number)))
    }

    /// Opens a directory below with this one as root, for its attributes; the last component isn't followed.
    ///
    /// The corresponding system call is `openat2(RESOLVE_IN_ROOT)`.
    package func openDirectory(_ path: RawPath) throws(Errno) -> Descriptor {
        let flags = OpenFlags([.directory, .noFollow, .always])
        let number = unsafe linux_openat2(
            descriptor.number,
            path.characters,
            flags.rawValue,
            0,
            Resolution.rooted.rawValue
        )
        return Descriptor(owning: try check(number))
    }

    /// Makes a new file and opens it for writing; whatever has the name already is `.exists`.
    ///
    /// The corresponding system call is `openat(O_CREAT | O_EXCL)`, which never follows a link.
    package func createFile(_ name: RawName, mode: UInt32) throws(Errno) -> Descriptor {
        let flags = OpenFlags([.writeOnly, .create, .exclusive, .noFollow, .always])
        let number = unsafe linux_openat(
            descriptor.number,
            name.characters,
            Int32(flags.rawValue),
            mode
        )
        return Descriptor(owning: try check(number))
    }

    /// Opens a directory of this one for reading and for its attributes, not following a link.
    package func directory(_ name: RawName) throws(Errno) -> Directory {
        let flags = OpenFlags([.directory, .noFollow, .always])
        let number = unsafe linux_openat2(
            descriptor.number,
            name.characters,
            flags.rawValue,
            0,
            Resolution.strict.rawValue
        )
        return Directory(Descriptor(owning: try check(number)))
    }

    /// Makes a directory.
    ///
    /// The corresponding system call is `mkdirat`.
    package func makeDirectory(_ name: RawName, mode: UInt32) throws(Errno) {
        try check(unsafe linux_mkdirat(descriptor.number, name.characters, mode))
    }

    /// Makes a named pipe.
    ///
    /// The corresponding system call is `mknodat(S_IFIFO)`.
    package func makeFifo(_ name: RawName, mode: UInt32) throws(Errno) {
        let type: UInt32 = 0o010000
        try check(
            unsafe linux_mknodat(descriptor.number, name.characters, type | (mode & 0o777), 0, 0)
        )
    }

    /// Makes the character device 0:0, which overlayfs takes for "nothing here, below neither".
    ///
    /// The corresponding system call is `mknodat(S_IFCHR)`; Linux 5.8 and later allow it without privileges.
    package func makeWhiteout(_ name: RawName) throws(Errno) {
        try check(unsafe linux_mknodat(descriptor.number, name.characters, 0o020000, 0, 0))
    }

    /// Makes a symbolic link with a target taken as it is.
    ///
    /// The corresponding system call is `symlinkat`.
    package func makeSymbolicLink(_ name: RawName, to target: RawPath) throws(Errno) {
        try check(unsafe linux_symlinkat(target.characters, descriptor.number, name.characters))
    }

    /// Gives a file another name; a symbolic link itself, not where it leads.
    ///
    /// The corresponding system call is `linkat`.
    package func link(
        _ name: RawName,
        to target: borrowing Directory,
        as newName: RawName
    ) throws(Errno) {
        let source = descriptor.number
        let destination = target.descriptor.number
        try check(
            unsafe linux_linkat(source, name.characters, destination, newName.characters, 0)
        )
    }

    /// What is known about a name, itself and not where a link leads.
    package func status(of name: RawName) throws(Errno) -> FileStatus {
        let flags: OpenFlags = [.pathOnly, .noFollow, OpenFlags(rawValue: 0o2000000)]
        let number = unsafe linux_openat(
            descriptor.number,
            name.characters,
            Int32(flags.rawValue),
            0
        )
        return try Descriptor(owning: try check(number)).status()
    }

    /// Removes a file, or an empty directory.
    ///
    /// The corresponding system call is `unlinkat`.
    package func remove(_ name: RawName, directory: Bool) throws(Errno) {
        let flags: Int32 = directory ? 0x200 : 0
        try check(unsafe linux_unlinkat(descriptor.number, name.characters, flags))
    }

    /// Sets owner and group of a name, not following a link.
    ///
    /// The corresponding system call is `fchownat(AT_SYMLINK_NOFOLLOW)`.
    package func setOwner(_ name: RawName, uid: UInt32, gid: UInt32) throws(Errno) {
        try check(unsafe linux_fchownat(descriptor.number, name.characters, uid, gid, 0x100))
    }

    /// Sets access and modification time of a name, not following a link.
    ///
    /// The corresponding system call is `utimensat(AT_SYMLINK_NOFOLLOW)`.
    package func setTime(
        _ name: RawName,
        seconds: Int64,
        nanoseconds: Int32
    ) throws(Errno) {
        try check(
            unsafe linux_utimensat(
                descriptor.number,
                name.characters,
                seconds,
                Int64(nanoseconds),
                0x100
            )
        )
    }
}
