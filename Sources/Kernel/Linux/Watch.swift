internal import CLinux

/// Tells when something happens to a file or in a directory.
package struct Watch: ~Copyable {
    /// What to be told of, as in `inotify(7)`.
    package struct Events: OptionSet, Sendable {
        package let rawValue: UInt32

        /// Events from the kernel's bits.
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// A file was written to.
        package static let modified = Events(rawValue: 0x2)
        /// A file that was open for writing was closed.
        package static let written = Events(rawValue: 0x8)
        /// A file appeared in the directory, made there or moved there.
        package static let appeared = Events(rawValue: 0x180)
        /// The file itself was moved or removed.
        package static let moved = Events(rawValue: 0xC00)
    }

    /// Becomes readable when something has happened.
    package let descriptor: Descriptor

    /// Starts without watching anything.
    ///
    /// The corresponding system call is `inotify_init1`.
    package init() throws(Errno) {
        descriptor = Descriptor(owning: try check(linux_inotify(-1, nil, 0)))
    }

    /// Watches an open file or directory, wherever it moves.
    ///
    /// The corresponding system call is `inotify_add_watch`.
    package func add(_ file: borrowing Descriptor, _ events: Events) throws(Errno) {
        let path = "/proc/self/fd/\(file.number)"
        try check(unsafe linux_inotify(descriptor.number, path, events.rawValue))
    }

    /// Waits until something happens, and forgets it.
    ///
    /// - Parameter milliseconds: how long at most; nil waits for ever.
    /// - Returns: whether something happened in time.
    package func wait(milliseconds: Int32? = nil) throws(Errno) -> Bool {
        guard try descriptor.waitUntilReadable(milliseconds: milliseconds) else { return false }
        _ = try descriptor.read(upTo: 4096)
        return true
    }
}
