import Testing

@testable import Seccomp

@Suite struct ProfileTests {
    private static let names = [
        "read", "openat", "execve", "statx", "rseq", "openat2", "close_range", "seccomp",
        "landlock_restrict_self", "membarrier", "pidfd_open", "futex_waitv", "cachestat", "mseal",
        "statmount", "uretprobe", "adjtimex", "clock_adjtime", "faccessat2", "fchmodat2", "ptrace",
        "process_vm_readv", "epoll_pwait2", "fork",
    ]

    private static let refused = [
        "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd",
        "io_uring_setup", "io_uring_enter", "kexec_load", "kexec_file_load", "init_module",
        "finit_module", "delete_module", "mount", "umount2", "fsopen", "open_tree", "move_mount",
        "mount_setattr", "open_by_handle_at", "name_to_handle_at", "fanotify_init", "iopl",
        "ioperm", "swapon", "swapoff", "reboot", "acct", "quotactl", "settimeofday",
        "clock_settime", "unshare", "setns", "vmsplice", "memfd_secret", "remap_file_pages",
        "pivot_root", "syslog", "mbind",
    ]

    @Test(arguments: names)
    func ordinaryCallsAreAllowed(name: String) throws {
        #expect(try program().answer(name) == .allow)
    }

    @Test(arguments: refused)
    func dangerousCallsAreNotPermitted(name: String) throws {
        #expect(try program().answer(name) == .error(1))
    }

    @Test(arguments: [
        ("mount", Capability.sysAdmin), ("unshare", .sysAdmin), ("clone3", .sysAdmin),
        ("bpf", .sysAdmin), ("bpf", .bpf), ("perf_event_open", .perfmon), ("syslog", .syslog),
        ("reboot", .sysBoot), ("init_module", .sysModule), ("acct", .sysPacct),
        ("kcmp", .sysPtrace), ("iopl", .sysRawio), ("settimeofday", .sysTime),
        ("vhangup", .sysTtyConfig), ("mbind", .sysNice), ("open_by_handle_at", .dacReadSearch),
        ("chroot", .sysChroot),
    ])
    func aCapabilityOpensItsCalls(name: String, capability: Capability) throws {
        #expect(try program(CapabilitySet([capability])).answer(name) == .allow)
        #expect(try program([]).answer(name) != .allow)
    }

    /// Kernels before 6.7 don't ask the label about mounts by descriptor, none about detached ones.
    @Test func whereALabelForbidsMountsThereAreNoneByDescriptor() throws {
        let names = ["fsopen", "fsmount", "open_tree", "move_mount", "mount_setattr", "fspick"]
        let administrator = CapabilitySet([.sysAdmin])
        for name in names {
            #expect(try program(administrator).answer(name) == .allow)
            #expect(try program(administrator, forbidsMounts: true).answer(name) == .error(38))
            #expect(try program(forbidsMounts: true).answer(name) == .error(1))
        }
        #expect(try program(administrator, forbidsMounts: true).answer("mount") == .allow)
    }

    @Test func strictKeepsDebuggersOut() throws {
        for name in ["ptrace", "process_vm_readv", "process_vm_writev"] {
            #expect(try program(strict: true).answer(name) == .error(1))
            let debugger = CapabilitySet([.sysPtrace])
            #expect(try program(debugger, strict: true).answer(name) == .allow)
        }
    }

    @Test func namespacesCannotBeMade() throws {
        let program = try program()
        #expect(program.answer("clone", 0x0031_0F00) == .allow)
        for flag: UInt64 in [
            0x2_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
        ] {
            #expect(program.answer("clone", flag | 17) == .error(1))
        }
        #expect(program.answer("clone3") == .error(38))
    }

    @Test func terminalInputIsRefusedWhateverTheHighBits() throws {
        let program = try program()
        for high: UInt64 in [0, 1 << 32, 0xFFFF_FFFF_0000_0000] {
            #expect(program.answer("ioctl", 0, high | 0x5412) == .error(1))
            #expect(program.answer("ioctl", 0, high | 0x541C) == .error(1))
            #expect(program.answer("ioctl", 0, high | 0x5413) == .allow)
        }
    }

    @Test func socketFamiliesAreListed() throws {
        for family: UInt64 in 0...50 {
            let expected: Action = [1, 2, 10, 16].contains(family) ? .allow : .error(97)
            #expect(try program(.oci).answer("socket", family, 2, 0) == expected)
        }
        #expect(try program(.appc).answer("socket", 17, 3, 0) == .allow)
    }

    @Test func auditIsAbsentWithoutItsCapability() throws {
        #expect(try program(.oci).answer("socket", 16, 3, 9) == .error(22))
        #expect(try program(.oci).answer("socket", 16, 3, 0) == .allow)
        #expect(try program(.oci).answer("socket", 2, 3, 9) == .allow)
        #expect(try program(.appc).answer("socket", 16, 3, 9) == .allow)
    }

    @Test func personalityKeepsRandomisation() throws {
        let program = try program()
        for domain: UInt64 in [0, 8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF] {
            #expect(program.answer("personality", domain) == .allow)
        }
        for domain: UInt64 in [0x4_0000, 0x40_0000, 1, 0x2_0001] {
            #expect(program.answer("personality", domain) == .error(1))
        }
    }

    @Test func callsOfANewerKernelAreAbsent() throws {
        #expect(try program().answer("file_getattr") == .error(38))
        #expect(try program().answer("create_module") == .error(38))
    }

    private func program(
        _ capabilities: CapabilitySet = .appc,
        strict: Bool = false,
        forbidsMounts: Bool = false
    ) throws -> SeccompProgram {
        let request = SeccompRequest(
            capabilities: capabilities,
            isStrict: strict,
            noNewPrivileges: true,
            forbidsMounts: forbidsMounts
        )
        return try #require(try Seccomp.filter(for: request, architecture: .x86))
    }
}
