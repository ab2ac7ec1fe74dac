internal import CLinux

extension Descriptor {
    /// Reads from the current position to the end.
    ///
    /// - Parameter limit: bytes at most; a longer file is `.nameTooLong`'s cousin `EFBIG` (27).
    package func readToEnd(limit: Int = 16 << 20) throws(Errno) -> [UInt8] {
        var result: [UInt8] = []
        var chunk = 8 << 10
        while true {
            let start = result.count
            let room = min(chunk, limit + 1 - start)
            result.append(contentsOf: repeatElement(0, count: room))
            let count = try check(
                unsafe result.withUnsafeMutableBytes {
                    unsafe linux_read(number, $0.baseAddress?.advanced(by: start), room)
                }
            )
            result.removeLast(room - count)
            if count == 0 { return result }
            guard result.count <= limit else { throw .fileTooLarge }
            chunk = min(chunk * 2, 1 << 20)
        }
    }

    /// Reads once; an empty result is the end.
    ///
    /// The corresponding system call is `read`.
    package func read(upTo count: Int) throws(Errno) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        let got = try check(
            unsafe result.withUnsafeMutableBytes {
                unsafe linux_read(number, $0.baseAddress, $0.count)
            }
        )
        result.removeLast(count - got)
        return result
    }

    /// Reads at a position, leaving the current one alone; shorter only at the end of the file.
    package func read(at offset: Int64, count: Int) throws(Errno) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        let got = try check(
            unsafe result.withUnsafeMutableBytes {
                unsafe linux_pread(number, $0.baseAddress, $0.count, offset)
            }
        )
        result.removeLast(count - got)
        return result
    }

    /// Writes everything.
    package func write(_ bytes: [UInt8]) throws(Errno) {
        try Linux.write(bytes, to: number)
    }

    /// Sets the length.
    package func truncate(to size: Int64) throws(Errno) { try check(linux_ftruncate(number, size)) }

    /// Moves the position: from the start.
    package func seek(to offset: Int64) throws(Errno) { try check(linux_lseek(number, offset, 0)) }

    /// Sets the permission bits.
    package func setPermissions(_ mode: UInt32) throws(Errno) {
        try check(linux_fchmod(number, mode))
    }

    /// Sets owner and group.
    package func setOwner(uid: UInt32, gid: UInt32) throws(Errno) {
        try check(unsafe linux_fchownat(number, "", uid, gid, 0x1000))
    }

    /// Bytes free for this user on the file system.
    package func freeSpace() throws(Errno) -> UInt64 {
        var free: UInt64 = 0
        var type: UInt64 = 0
        try check(unsafe linux_free_space(number, &free, &type))
        return free
    }
}

extension StandardStream {
    /// Writes everything.
    package func write(_ text: String) throws(Errno) {
        try write(Array(text.utf8))
    }

    /// Writes everything.
    package func write(_ bytes: [UInt8]) throws(Errno) {
        try Linux.write(bytes, to: rawValue)
    }
}

extension Directory {
    /// The contents of a file below; it must be a regular file.
    ///
    /// - Parameter limit: bytes at most, else `EFBIG` (27).
    package func readFile(
        _ path: String,
        limit: Int = 16 << 20,
        resolution: Resolution = .strict
    ) throws(Errno) -> [UInt8] {
        // Without O_NONBLOCK a FIFO of that name would hold us for ever.
        try open(path, .nonBlocking, resolution: resolution).readToEnd(limit: limit)
    }

    /// Makes a new file; one that exists is `.exists`.
    package func createFile(
        _ name: String,
        _ bytes: [UInt8] = [],
        mode: UInt32 = 0o600
    ) throws(Errno) {
        let file = try open(name, [.writeOnly, .create, .exclusive], mode: mode)
        if !bytes.isEmpty { try file.write(bytes) }
    }

    /// Replaces a file in one step: whoever reads sees the old one or the new one, whole.
    ///
    /// - Parameter durable: also waits for stable storage, of the file before and the directory after the rename.
    package func replaceFile(
        _ name: String,
        _ bytes: [UInt8],
        mode: UInt32 = 0o600,
        durable: Bool = false
    ) throws(Errno) {
        let temporary = ".\(name).\(randomHex(bytes: 6))"
        do throws(Errno) {
            let file = try open(temporary, [.writeOnly, .create, .exclusive], mode: mode)
            try file.write(bytes)
            if durable { try file.sync() }
            try rename(temporary, to: self, as: name)
        } catch {
            _ = unsafe linux_unlinkat(descriptor.number, temporary, 0)
            throw error
        }
        if durable { try descriptor.sync() }
    }
}

/// Random lower-case hexadecimal digits, two a byte, from the kernel.
package func randomHex(bytes count: Int) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: randomBytes(count).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
        as: UTF8.self
    )
}

/// Random bytes from the kernel.
///
/// The corresponding system call is `getrandom`.
package func randomBytes(_ count: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    _ = unsafe result.withUnsafeMutableBytes { unsafe linux_random($0.baseAddress, $0.count) }
    return result
}

func write(_ bytes: [UInt8], to number: Int32) throws(Errno) {
    var written = 0
    while written < bytes.count {
        written += try check(
            unsafe bytes.withUnsafeBytes {
                unsafe linux_write(
                    number,
                    $0.baseAddress?.advanced(by: written),
                    $0.count - written
                )
            }
        )
    }
}
