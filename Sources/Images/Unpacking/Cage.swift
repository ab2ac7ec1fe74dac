package import Linux

/// Confines this process before it looks at anything that came from outside (R11).
///
/// It is the second line behind the path resolution of `TreeWriter`: whoever finds a hole in a decompressor can
/// neither start a program nor reach the network nor anything outside the store. Nothing of it can be undone, so it is
/// entered by `rkt-fetcher` alone, before its first thread.
package struct Cage: Sendable {
    /// What of the cage the kernel provides, in words for `rkt version` and the logs.
    package struct Report: Sendable {
        /// The version of Landlock in force, `nil` where the kernel has none.
        package let landlock: Int?
    }

    /// What the store's trees need and nothing else does.
    ///
    /// CHOWN, FOWNER and FSETID give files their owners, times and set-id bits, DAC_OVERRIDE writes into directories
    /// without the write bit, SETFCAP keeps file capabilities. MKNOD is for whiteouts, where the kernel is older than
    /// 5.8; Landlock still forbids block devices, and `TreeWriter` makes no device but 0:0.
    package static let capabilities: CapabilitySet = [
        .changeOwner, .overrideAccess, .actAsOwner, .keepSetID, .setFileCapabilities, .makeDevices,
    ]

    /// System calls that no step of unpacking makes; refuse them with EPERM after ``enter(reaching:and:)``.
    ///
    /// A list of what is forbidden instead of one of what is allowed: a C library may use a new call tomorrow.
    package static let forbiddenSystemCalls = [
        // network
        "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4",
        // other programs and processes
        "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
        "kcmp",
        "kill", "tkill", "pidfd_send_signal",
        // mounts and namespaces
        "mount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount", "fspick",
        "open_tree", "move_mount", "mount_setattr", "unshare", "setns",
        // the kernel
        "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
        "io_uring_register", "init_module", "finit_module", "delete_module", "kexec_load",
        "kexec_file_load", "keyctl", "add_key", "request_key", "open_by_handle_at",
        "name_to_handle_at", "swapon", "swapoff", "reboot", "syslog", "acct", "quotactl",
        "settimeofday", "clock_settime", "sethostname", "setdomainname", "iopl", "ioperm",
        "personality", "fanotify_init",
    ]

    /// The largest file that can be written.
    private static let fileSize: UInt64 = 1 << 40
    /// All memory; buffers and windows take 200 MiB at most.
    private static let addressSpace: UInt64 = 4 << 30
    /// Seconds of processor time: a terabyte at the slowest rate.
    private static let processorTime: UInt64 = 4 * 60 * 60

    /// Enters the cage; only `directory` and descriptors that are open already can be reached from now on.
    ///
    /// - Parameters:
    ///   - directory: the store.
    ///   - allow: adds what else must be reached, such as a directory that holds the image.
    package static func enter(
        reaching directory: borrowing Directory,
        and allow: (borrowing Landlock) throws(Errno) -> Void = { _ throws(Errno) in }
    ) throws(Errno) -> Report {
        try CurrentProcess.lower(.coreSize, to: 0)
        try CurrentProcess.lower(.fileSize, to: fileSize)
        try CurrentProcess.lower(.addressSpace, to: addressSpace)
        try CurrentProcess.lower(.processorTime, to: processorTime)
        try CurrentProcess.forbidNewPrivileges()
        try CurrentProcess.keepCapabilities(capabilities)
        return Report(landlock: try confine(to: directory, allow))
    }

    /// A kernel without Landlock, or one where it is switched off, is no reason to refuse the work.
    private static func confine(
        to directory: borrowing Directory,
        _ allow: (borrowing Landlock) throws(Errno) -> Void
    ) throws(Errno) -> Int? {
        // The first version forbids every rename from one directory to another, which is how layers are stored.
        guard let version = Landlock.version, version > 1 else { return nil }
        let rules = try Landlock()
        try rules.allow(directory)
        try allow(rules)
        try rules.enforce()
        return version
    }
}
