internal import CLinux

/// This process.
package enum CurrentProcess {
    /// This process's command line; nil stands for an argument that isn't UTF-8.
    package static var arguments: [String?] {
        (0..<Int(CommandLine.argc)).map { index in
            unsafe CommandLine.unsafeArgv[index].flatMap { unsafe String(validatingCString: $0) }
        }
    }

    /// The process id.
    package static var pid: Int32 { linux_getpid() }
    /// The effective user id.
    package static var effectiveUser: UInt32 { linux_geteuid() }
    /// The real user id.
    package static var user: UInt32 { linux_getuid() }
    /// The real group id.
    package static var group: UInt32 { linux_getgid() }

    /// The inode of the user namespace that the machine starts with (`PROC_USER_INIT_INO`).
    private static let firstUserNamespace: UInt64 = 0xEFFF_FFFD

    /// Whether root here is root of the machine.
    package static func isInFirstUserNamespace() throws(Errno) -> Bool {
        try Descriptor.open("/proc/self/ns/user", .pathOnly).status().inode == firstUserNamespace
    }

    /// Becomes another program; returns only by throwing.
    ///
    /// The corresponding system call is `execve`.
    package static func execute(
        _ path: String,
        arguments: [String],
        environment: [String]
    ) throws(Errno) -> Never {
        let result = unsafe withStrings(arguments) { argv in
            unsafe withStrings(environment) { envp in unsafe linux_execve(path, argv, envp) }
        }
        throw Errno(-result)
    }

    /// Becomes the program that a descriptor holds open.
    ///
    /// The corresponding system call is `execveat(AT_EMPTY_PATH)`.
    package static func execute(
        _ program: borrowing Descriptor,
        arguments: [String],
        environment: [String]
    ) throws(Errno) -> Never {
        let number = program.number
        let result = unsafe withStrings(arguments) { argv in
            unsafe withStrings(environment) { envp in unsafe linux_fexecve(number, argv, envp) }
        }
        throw Errno(-result)
    }

    /// Ends at once.
    package static func exit(_ code: Int32) -> Never { linux_exit(code) }

    /// Makes up for what a careless parent left: a missing standard stream becomes the null device, no other descriptor
    /// goes on to a program that this process starts or becomes, and children can be waited for (R4).
    package static func startClean() { linux_start_clean() }

    /// Closes every descriptor from `lowest` on that somebody left open for us (R4).
    package static func closeDescriptors(from lowest: UInt32) {
        _ = linux_close_range(lowest, .max, 0)
    }

    /// Writing to a pipe that nobody reads becomes an error (`EPIPE`) instead of the end; children inherit that.
    ///
    /// The corresponding system call is `sigaction(SIGPIPE, SIG_IGN)`.
    package static func ignoreBrokenPipes() { linux_ignore_broken_pipes() }

    /// Moves this process into new namespaces.
    ///
    /// The corresponding system call is `unshare`.
    package static func unshare(_ namespaces: Namespaces) throws(Errno) {
        try check(linux_unshare(namespaces.rawValue))
    }

    /// Moves this process into the namespaces of the process behind a pidfd.
    ///
    /// The corresponding system call is `setns`.
    package static func join(
        _ process: borrowing Descriptor,
        _ namespaces: Namespaces
    ) throws(Errno) {
        try check(linux_setns(process.number, namespaces.rawValue))
    }

    /// The corresponding system call is `prctl`.
    package static func control(_ option: Int32, _ argument: UInt = 0) throws(Errno) {
        try check(linux_prctl(option, argument, 0, 0, 0))
    }

    /// Sets real, effective and saved user id.
    package static func setUser(_ uid: UInt32) throws(Errno) { try check(linux_setresuid(uid)) }

    /// Sets real, effective and saved group id.
    package static func setGroup(_ gid: UInt32) throws(Errno) { try check(linux_setresgid(gid)) }

    /// Sets the supplementary groups.
    package static func setGroups(_ groups: [UInt32]) throws(Errno) {
        try check(unsafe linux_setgroups(groups.count, groups))
    }

    /// The file this process runs from, as the kernel names it.
    package static var executablePath: String {
        let directory = try? Directory(path: "/proc/self")
        return (try? directory?.readSymbolicLink("exe")) ?? "/usr/bin/rkt"
    }
}

/// Kinds of namespaces, as in `clone(2)`.
package struct Namespaces: OptionSet, Sendable {
    package let rawValue: Int32

    /// Namespaces from the kernel's bits.
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let mount = Namespaces(rawValue: 0x0002_0000)
    package static let cgroup = Namespaces(rawValue: 0x0200_0000)
    package static let uts = Namespaces(rawValue: 0x0400_0000)
    package static let ipc = Namespaces(rawValue: 0x0800_0000)
    package static let user = Namespaces(rawValue: 0x1000_0000)
    package static let pid = Namespaces(rawValue: 0x2000_0000)
    package static let network = Namespaces(rawValue: 0x4000_0000)
}

/// A process held by a pidfd, so that its number can't mean another one.
package struct ProcessHandle: ~Copyable {
    /// The pidfd.
    package let descriptor: Descriptor

    /// Takes hold of a process.
    ///
    /// The corresponding system call is `pidfd_open`.
    package init(pid: Int32) throws(Errno) {
        descriptor = Descriptor(owning: try check(linux_pidfd_open(pid)))
    }

    /// Sends a signal, with a value where the receiver knows what it means.
    ///
    /// The corresponding system call is `pidfd_send_signal`.
    package func signal(_ signal: Int32, value: Int32? = nil) throws(Errno) {
        try check(
            linux_pidfd_signal(descriptor.number, signal, value ?? 0, value == nil ? 0 : 1)
        )
    }

    /// Waits for its end.
    ///
    /// - Returns: whether it ended in time.
    package func waitForExit(milliseconds: Int32? = nil) throws(Errno) -> Bool {
        try descriptor.waitUntilReadable(milliseconds: milliseconds)
    }
}

/// The environment this process was started with.
package enum Environment {
    /// The entries, `NAME=value` each, in order; those that aren't UTF-8 are left out.
    package static var entries: [String] {
        var result: [String] = []
        unsafe forEach { entry in
            if let text = unsafe String(validatingCString: entry) { result.append(text) }
        }
        return result
    }

    /// The names of the variables that aren't UTF-8.
    package static var unreadable: [String] {
        var result: [String] = []
        unsafe forEach { entry in
            guard unsafe String(validatingCString: entry) == nil else { return }
            let name = unsafe String(cString: entry).prefix { $0 != "=" }
            result.append(String(name))
        }
        return result
    }

    private static func forEach(_ body: (UnsafePointer<CChar>) -> Void) {
        guard var pointer = unsafe linux_environment() else { return }
        while let entry = unsafe pointer.pointee {
            unsafe body(entry)
            unsafe pointer += 1
        }
    }

    /// The value of one variable.
    package static subscript(_ name: String) -> String? {
        let prefix = name + "="
        return entries.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
}
