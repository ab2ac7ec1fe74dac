internal import CLinux

/// A pipe.
package struct Pipe: ~Copyable {
    /// Where it is read.
    package let reading: Descriptor
    /// Where it is written.
    package let writing: Descriptor

    /// Makes one.
    ///
    /// The corresponding system call is `pipe2(O_CLOEXEC)`.
    package init() throws(Errno) {
        var ends: (Int32, Int32) = (0, 0)
        try check(
            unsafe withUnsafeMutableBytes(of: &ends) {
                unsafe linux_pipe(
                    $0.baseAddress?.assumingMemoryBound(to: Int32.self),
                    0o2000000
                )
            }
        )
        reading = Descriptor(owning: ends.0)
        writing = Descriptor(owning: ends.1)
    }

    /// The reading end; the other one is closed.
    package consuming func readingEnd() -> Descriptor { reading }
    /// The writing end; the other one is closed.
    package consuming func writingEnd() -> Descriptor { writing }
}

/// Two ends of a connection, each of which reads what the other writes.
package struct SocketPair: ~Copyable {
    /// One end.
    package let first: Descriptor
    /// The other.
    package let second: Descriptor

    /// Makes one.
    ///
    /// The corresponding system call is `socketpair(AF_UNIX, SOCK_STREAM)`.
    package init() throws(Errno) {
        var ends: (Int32, Int32) = (0, 0)
        try check(
            unsafe withUnsafeMutableBytes(of: &ends) {
                unsafe linux_socket_pair($0.baseAddress?.assumingMemoryBound(to: Int32.self))
            }
        )
        first = Descriptor(owning: ends.0)
        second = Descriptor(owning: ends.1)
    }
}

/// Waits until one of two descriptors can be read; a nil one is never ready.
///
/// The corresponding system call is `poll`.
package func waitUntilReadable(
    _ first: Int32?,
    _ second: Int32?
) throws(Errno) -> (first: Bool, second: Bool) {
    let ready = try check(linux_poll_two(first ?? -1, second ?? -1))
    return (ready & 1 != 0, ready & 2 != 0)
}

extension Descriptor {
    /// A file in memory with these contents that nobody can change any more.
    ///
    /// The corresponding system calls are `memfd_create` and `fcntl(F_ADD_SEALS)`.
    package static func sealedMemory(
        name: String,
        _ bytes: [UInt8],
        executable: Bool = false
    ) throws(Errno) -> Descriptor {
        let file = Descriptor(
            owning: try check(unsafe linux_memfd(name, executable ? 0x13 : 0x0B))
        )
        try file.write(bytes)
        try check(linux_seal(file.number))
        return file
    }

    /// A sealed copy in memory of a program file.
    package static func sealedCopy(ofProgram path: String) throws(Errno) -> Descriptor {
        let source = try Descriptor.open(path)
        let size = try source.status().size
        let copy = Descriptor(owning: try check(unsafe linux_memfd("stage1", 0x13)))
        var left = Int(clamping: size)
        while left > 0 {
            let count = try check(linux_sendfile(copy.number, source.number, left))
            guard count > 0 else { throw .invalidArgument }
            left -= count
        }
        try check(linux_seal(copy.number))
        return copy
    }

    /// Opens a file of the host by a path that an operator or this program chose.
    package static func open(
        _ path: String,
        _ flags: OpenFlags = [],
        mode: UInt32 = 0o600
    ) throws(Errno) -> Descriptor {
        let bits = Int32(flags.union(.always).rawValue)
        return Descriptor(owning: try check(unsafe linux_openat(-100, path, bits, mode)))
    }
}

/// The contents of a host file chosen by an operator or this program.
package func readHostFile(_ path: String, limit: Int = 16 << 20) throws(Errno) -> [UInt8] {
    try Descriptor.open(path, .nonBlocking).readToEnd(limit: limit)
}
