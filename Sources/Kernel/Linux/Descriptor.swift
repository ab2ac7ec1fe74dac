internal import CLinux

/// A file descriptor with one owner, closed when the owner ends.
///
/// Every descriptor is close-on-exec; giving one to a child is a named step (`Child.spawn`, `keepOnExec`).
package struct Descriptor: ~Copyable {
    /// The number, lent for one call; whoever keeps it must not close it.
    package let number: Int32

    /// Takes ownership of an open descriptor.
    package init(owning number: Int32) { self.number = number }

    deinit { _ = linux_close(number) }

    /// Gives up ownership and returns the number.
    package consuming func release() -> Int32 {
        let number = self.number
        discard self
        return number
    }

    /// A second descriptor of the same open file, close-on-exec.
    ///
    /// The corresponding system call is `fcntl(F_DUPFD_CLOEXEC)`.
    package func duplicate(lowest: Int32 = 3) throws(Errno) -> Descriptor {
        Descriptor(owning: try check(linux_dup(number, lowest, 1)))
    }

    /// Lets the descriptor survive `execve(2)`.
    package func keepOnExec() throws(Errno) {
        try check(linux_set_close_on_exec(number, 0))
    }

    /// What the kernel knows about the open file.
    ///
    /// The corresponding system call is `statx`.
    package func status() throws(Errno) -> FileStatus {
        try FileStatus(directory: number, path: "", flags: FileStatus.emptyPath)
    }

    /// Waits until the file is on stable storage.
    ///
    /// The corresponding system call is `fsync`.
    package func sync() throws(Errno) { try check(linux_fsync(number)) }

    /// Waits until the whole file system of the file is on stable storage.
    ///
    /// The corresponding system call is `syncfs`.
    package func syncFileSystem() throws(Errno) { try check(linux_syncfs(number)) }

    /// Whether the descriptor is a terminal.
    package var isTerminal: Bool { linux_is_terminal(number) == 1 }

    /// Waits until the descriptor can be read (or is a pidfd whose process has ended).
    ///
    /// - Parameter milliseconds: how long at most; nil waits for ever.
    /// - Returns: whether it became readable in time.
    package func waitUntilReadable(milliseconds: Int32? = nil) throws(Errno) -> Bool {
        try check(linux_poll(number, 1, milliseconds ?? -1)) > 0
    }
}

/// A standard stream of this process, borrowed: never closed.
package enum StandardStream: Int32, Sendable {
    case input = 0
    case output = 1
    case error = 2

    /// Whether the stream is a terminal.
    package var isTerminal: Bool { linux_is_terminal(rawValue) == 1 }
}
