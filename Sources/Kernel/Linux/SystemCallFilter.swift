internal import CLinux

extension CurrentProcess {
    /// Puts a seccomp filter into force for this thread and those it starts later; no_new_privs must be set.
    ///
    /// - Parameter instructions: classic BPF, one `struct sock_filter` a word.
    ///
    /// The corresponding system call is `seccomp(SECCOMP_SET_MODE_FILTER)`.
    package static func loadFilter(_ instructions: [UInt64]) throws(Errno) {
        try check(unsafe linux_load_filter(instructions, instructions.count))
    }
}
