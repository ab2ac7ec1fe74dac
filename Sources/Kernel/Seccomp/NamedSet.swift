/// A set that an isolator names as `@vendor/name`.
///
/// The meaning is today's, not that of 2016 when rkt fixed the names: a list of that year knows none
/// of the calls that libc has come to need.
enum NamedSet {
    case all
    case empty
    case defaultAllowed
    case defaultRefused
    case listed(StaticString)

    static let allNames = """
        @appc.io/{all,empty}, @rkt/ and @docker/{default-whitelist,default-blacklist}, \
        @systemd/{clock,default-whitelist,mount,network-io,obsolete,privileged,process,raw-io}
        """

    init?(_ name: String) {
        switch name {
        case "@appc.io/all": self = .all
        case "@appc.io/empty": self = .empty
        case "@rkt/default-whitelist", "@docker/default-whitelist": self = .defaultAllowed
        case "@rkt/default-blacklist", "@docker/default-blacklist": self = .defaultRefused
        case "@systemd/clock": self = .listed(Self.clock)
        case "@systemd/default-whitelist": self = .listed(Self.always)
        case "@systemd/mount": self = .listed(Self.mount)
        case "@systemd/network-io": self = .listed(Self.networkIO)
        case "@systemd/obsolete": self = .listed(Self.obsolete)
        case "@systemd/privileged": self = .listed(Self.privileged)
        case "@systemd/process": self = .listed(Self.process)
        case "@systemd/raw-io": self = .listed(Self.rawIO)
        default: return nil
        }
    }

    /// The numbers of the set's members; names that the architecture lacks are left out.
    func numbers(_ calls: SystemCallNames, _ profile: Profile) -> Set<Int> {
        switch self {
        case .all: calls.all
        case .empty: []
        case .defaultAllowed: Self.allowed(calls.architecture, profile)
        case .defaultRefused: calls.all.subtracting(Self.allowed(calls.architecture, profile))
        case .listed(let names):
            Set(
                names.description.split(whereSeparator: \.isWhitespace)
                    .compactMap { calls[String($0)] }
            )
        }
    }

    /// The calls that the profile allows, whatever or with some arguments.
    private static func allowed(_ architecture: Architecture, _ profile: Profile) -> Set<Int> {
        var numbers: Set<Int> = []
        for section in SystemCallTable.sections {
            let rule = profile.rule(for: section.gate)
            guard rule.otherwise == .allow || !rule.cases.isEmpty else { continue }
            section.forEachNumber(on: architecture) { numbers.insert($0) }
        }
        return numbers
    }
}

extension NamedSet {
    private static let clock: StaticString = "adjtimex clock_adjtime clock_settime settimeofday"

    private static let always: StaticString = """
        arch_prctl brk clock_getres clock_gettime clock_nanosleep execve exit exit_group futex
        futex_requeue futex_wait futex_waitv futex_wake get_robust_list get_thread_area getegid
        geteuid getgid getgroups getpgid getpgrp getpid getppid getrandom getresgid getresuid
        getrlimit getsid gettid gettimeofday getuid map_shadow_stack membarrier mmap mprotect mseal
        munmap nanosleep pause prlimit64 restart_syscall rseq rt_sigreturn sched_getaffinity
        sched_yield set_robust_list set_thread_area set_tid_address time uprobe uretprobe
        """

    private static let mount: StaticString = """
        chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree
        open_tree_attr pivot_root umount2
        """

    private static let networkIO: StaticString = """
        accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg
        recvmsg sendmmsg sendmsg sendto setsockopt shutdown socket socketpair
        """

    private static let obsolete: StaticString = """
        _sysctl afs_syscall create_module get_kernel_syms getpmsg putpmsg query_module security
        sysfs tuxcall uselib ustat vserver
        """

    private static let privileged: StaticString = """
        _sysctl acct adjtimex bpf capset chown chroot clock_adjtime clock_settime delete_module
        fanotify_init fanotify_mark fchown fchownat finit_module init_module ioperm iopl
        kexec_file_load kexec_load lchown nfsservctl open_by_handle_at pivot_root quotactl
        quotactl_fd reboot setdomainname setfsuid setgroups sethostname setresuid setreuid
        settimeofday setuid swapoff swapon vhangup
        """

    private static let process: StaticString = """
        capget clone clone3 execveat fork getrusage kill pidfd_open pidfd_send_signal prctl
        rt_sigqueueinfo rt_tgsigqueueinfo setns tgkill times tkill unshare vfork wait4 waitid
        """

    private static let rawIO: StaticString = "ioperm iopl"
}
