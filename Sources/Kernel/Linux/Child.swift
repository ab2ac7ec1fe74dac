internal import CLinux

/// How a process ended.
package enum ExitStatus: Equatable, Sendable {
    case exited(Int32)
    case signaled(Int32)

    init(waitStatus: Int32) {
        self =
            waitStatus & 0x7F == 0 ? .exited(waitStatus >> 8 & 0xFF) : .signaled(waitStatus & 0x7F)
    }
}

/// A child process that must be waited for.
package struct Child: ~Copyable {
    /// The process id.
    package let pid: Int32

    /// Starts a program: vfork and exec.
    ///
    /// The child gets the given descriptors as 0, 1, 2, … in that order and no other, and no blocked signals.
    ///
    /// - Parameter inOwnGroup: it leads a process group, so that it can be killed with the programs it starts.
    package static func spawn(
        _ path: String,
        arguments: [String],
        environment: [String]? = nil,
        descriptors: [Int32] = [0, 1, 2],
        inOwnGroup: Bool = false
    ) throws(Errno) -> Child {
        let pid = unsafe withStrings(arguments) { argv in
            unsafe withStrings(environment ?? Environment.entries) { envp in
                let count = descriptors.count
                return inOwnGroup
                    ? unsafe linux_spawn_group(path, argv, envp, descriptors, count)
                    : unsafe linux_spawn(path, argv, envp, descriptors, count)
            }
        }
        return Child(pid: try check(pid))
    }

    /// Copies this process (single-threaded programs only).
    ///
    /// - Returns: the child in the parent, nil in the child.
    package static func fork() throws(Errno) -> Child? {
        let pid = try check(linux_fork())
        return pid == 0 ? nil : Child(pid: pid)
    }

    /// Waits for its end.
    package consuming func wait() throws(Errno) -> ExitStatus {
        var status: Int32 = 0
        try check(unsafe linux_wait(pid, 0, &status))
        return ExitStatus(waitStatus: status)
    }
}

/// Runs a body with a C array of C strings, ended by a null pointer.
func withStrings<Result>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Result
) -> Result {
    var storage: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
        offsets.append(storage.count)
        for byte in string.utf8 where byte != 0 { storage.append(CChar(bitPattern: byte)) }
        storage.append(0)
    }
    return unsafe storage.withUnsafeMutableBufferPointer { bytes in
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe offsets.map { offset in
            unsafe bytes.baseAddress.map { unsafe $0 + offset }
        }
        unsafe pointers.append(nil)
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
    }
}
