internal import CLinux

extension CurrentProcess {
    /// Makes an open directory the one that relative paths start from, here and in programs executed later.
    ///
    /// The corresponding system call is `fchdir`.
    package static func changeDirectory(to directory: borrowing Directory) throws(Errno) {
        try check(linux_fchdir(directory.descriptor.number))
    }
}

extension Directory {
    /// The path by which the kernel knows the directory, without links.
    package func absolutePath() throws(Errno) -> String {
        try Directory(path: "/proc/self/fd").readSymbolicLink("\(descriptor.number)")
    }
}
