internal import CLinux

/// An open directory that paths start from and can't leave.
///
/// Every path below it goes through `openat2(2)`; the default resolution is `.strict`: real names only, no symbolic link,
/// no `..` out of the directory. Inside an image's root use `.rooted`.
package struct Directory: ~Copyable {
    /// The directory's descriptor.
    package let descriptor: Descriptor

    /// Takes a descriptor of a directory.
    package init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Opens a directory of the host by a path that an operator or this program chose.
    ///
    /// The corresponding system call is `open(O_DIRECTORY)`.
    package init(path: String) throws(Errno) {
        let flags = OpenFlags.always.union(.directory)
        descriptor = Descriptor(
            owning: try check(unsafe linux_openat(-100, path, Int32(flags.rawValue), 0))
        )
    }

    /// Opens a file below.
    ///
    /// The corresponding system call is `openat2`.
    package func open(
        _ path: String,
        _ flags: OpenFlags = [],
        mode: UInt32 = 0o600,
        resolution: Resolution = .strict
    ) throws(Errno) -> Descriptor {
        let creates = flags.contains(.create)
        return Descriptor(
            owning: try check(
                unsafe linux_openat2(
                    descriptor.number,
                    path,
                    flags.contains(.pathOnly)
                        ? flags.union(OpenFlags(rawValue: 0o2000000)).rawValue
                        : flags.union(.always).rawValue,
                    creates ? UInt64(mode) : 0,
                    resolution.rawValue
                )
            )
        )
    }

    /// Opens a directory below.
    package func directory(
        _ path: String,
        resolution: Resolution = .strict
    ) throws(Errno) -> Directory {
        Directory(try open(path, .directory, resolution: resolution))
    }

    /// Gives up the handle for the descriptor behind it.
    package consuming func intoDescriptor() -> Descriptor { descriptor }

    /// A second handle of the same directory.
    package func duplicate() throws(Errno) -> Directory { Directory(try descriptor.duplicate()) }

    /// Makes a directory; its parent must exist and `name` is a single component.
    ///
    /// The corresponding system call is `mkdirat`.
    package func makeDirectory(_ name: String, mode: UInt32 = 0o700) throws(Errno) {
        try single(name)
        try check(unsafe linux_mkdirat(descriptor.number, name, mode))
    }

    /// Opens the directory at a relative path, making what is missing of it.
    package func makingDirectories(_ path: String, mode: UInt32 = 0o700) throws(Errno) -> Directory
    {
        var current = try duplicate()
        for component in path.split(separator: "/") {
            do throws(Errno) {
                try current.makeDirectory(String(component), mode: mode)
            } catch {
                guard error == .exists else { throw error }
            }
            current = try current.directory(String(component))
        }
        return current
    }

    /// What is known about a name, itself and not where a link leads.
    package func status(of name: String) throws(Errno) -> FileStatus {
        if !name.contains("/") {
            return try FileStatus(
                directory: descriptor.number,
                path: name,
                flags: FileStatus.noFollow
            )
        }
        return try open(name, [.pathOnly, .noFollow]).status()
    }

    /// Whether there is something of that name (a dangling link counts).
    package func contains(_ name: String) -> Bool {
        do throws(Errno) { _ = try status(of: name) } catch { return false }
        return true
    }

    /// Removes a file, or an empty directory; `name` is a single component.
    ///
    /// The corresponding system call is `unlinkat`.
    package func remove(_ name: String, directory: Bool = false) throws(Errno) {
        try single(name)
        try check(unsafe linux_unlinkat(descriptor.number, name, directory ? 0x200 : 0))
    }

    /// Renames a component of this directory into another one, replacing a file there unless `exclusive`.
    ///
    /// The corresponding system call is `renameat2`.
    package func rename(
        _ name: String,
        to target: borrowing Directory,
        as newName: String,
        exclusive: Bool = false
    ) throws(Errno) {
        try single(name)
        try single(newName)
        let source = descriptor.number
        let destination = target.descriptor.number
        try check(
            unsafe linux_renameat2(source, name, destination, newName, exclusive ? 1 : 0)
        )
    }

    /// Gives a component of this directory and one of another directory each other's places, in one step.
    ///
    /// The corresponding system call is `renameat2`.
    package func exchange(
        _ name: String,
        with other: String,
        in directory: borrowing Directory
    ) throws(Errno) {
        try single(name)
        try single(other)
        let (own, theirs) = (descriptor.number, directory.descriptor.number)
        try check(unsafe linux_renameat2(own, name, theirs, other, 2))
    }

    /// Makes a symbolic link; `name` is a single component, `target` is taken as it is.
    package func makeSymbolicLink(_ name: String, to target: String) throws(Errno) {
        try single(name)
        try check(unsafe linux_symlinkat(target, descriptor.number, name))
    }

    /// Where a symbolic link leads, unresolved.
    package func readSymbolicLink(_ name: String) throws(Errno) -> String {
        try single(name)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = try check(
            unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe linux_readlinkat(
                    descriptor.number,
                    name,
                    buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                    buffer.count
                )
            }
        )
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// Gives a file of this directory to a user and group; a link itself, not where it leads.
    package func setOwner(_ name: String, uid: UInt32, gid: UInt32) throws(Errno) {
        try single(name)
        try check(unsafe linux_fchownat(descriptor.number, name, uid, gid, 0x100))
    }

    /// A path to this directory that works for as long as it stays open, for calls that want one.
    package var path: String { "/proc/self/fd/\(descriptor.number)" }

    /// `*at` calls follow `..` and slashes: names that come here have neither.
    private func single(_ name: String) throws(Errno) {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(0x2F),
            !name.utf8.contains(0)
        else { throw .invalidArgument }
    }
}
