internal import CLinux

extension Descriptor {
    /// Reads at a position as much as is there, up to `limit` and the length of `buffer`; zero is the end of the file.
    ///
    /// The corresponding system call is `pread`.
    package func read(
        into buffer: inout MutableSpan<UInt8>,
        at offset: UInt64,
        limit: Int = .max
    ) throws(Errno) -> Int {
        guard let offset = Int64(exactly: offset) else { throw .invalidArgument }
        let number = self.number
        return try check(
            unsafe buffer.withUnsafeMutableBufferPointer {
                unsafe linux_pread(number, $0.baseAddress, min($0.count, limit), offset)
            }
        )
    }

    /// Writes everything at a position.
    ///
    /// The corresponding system call is `pwrite`.
    package func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(Errno) {
        guard let start = Int64(exactly: offset), start <= Int64.max - Int64(bytes.count) else {
            throw Errno.fileTooLarge
        }
        var written = 0
        while written < bytes.count {
            written += try check(
                unsafe bytes.withUnsafeBufferPointer {
                    unsafe linux_pwrite(
                        number,
                        $0.baseAddress?.advanced(by: written),
                        $0.count - written,
                        start + Int64(written)
                    )
                }
            )
        }
    }

    /// Sets an extended attribute.
    ///
    /// The corresponding system call is `fsetxattr`.
    package func setExtendedAttribute(_ name: RawPath, _ value: [UInt8]) throws(Errno) {
        try check(unsafe linux_fsetxattr(number, name.characters, value, value.count))
    }

    /// Sets access and modification time.
    ///
    /// The corresponding system call is `utimensat` of the descriptor itself.
    package func setTime(seconds: Int64, nanoseconds: Int32) throws(Errno) {
        try check(linux_utimensat(number, nil, seconds, Int64(nanoseconds), 0))
    }
}

extension CurrentProcess {
    /// Sets which permission bits are taken away from new files, for the whole process.
    ///
    /// The corresponding system call is `umask`.
    package static func setFileModeMask(_ mask: UInt32) { _ = linux_umask(mask) }
}
