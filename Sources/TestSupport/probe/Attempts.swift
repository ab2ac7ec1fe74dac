import CProbe

/// Things a sandbox should refuse, each tried in a child process of its own.
enum Attempts {
    /// Tries everything and prints `try.NAME=ok`, the error's name, or `killed-N`.
    ///
    /// Some of them succeed on a machine without a sandbox, and would harm it: outside a pod, nothing is tried.
    static func runAll() {
        guard isInPod else {
            return say("probe: not in a pod, so nothing is tried", to: 2)
        }
        for (name, body) in all { say("try.\(name)=\(inChild(body))") }
    }

    // AC_APP_NAME is in the environment of every app that rkt starts, and of nothing else.
    private static var isInPod: Bool {
        let environment = (try? readText("/proc/self/environ")) ?? ""
        return environment.split(separator: "\0").contains { $0.hasPrefix("AC_APP_NAME=") }
    }

    private typealias Attempt = (name: String, body: @Sendable () throws(Refusal) -> Void)

    private static let all: [Attempt] = namespaces + kernel + sockets + entries + processes

    private static let namespaces: [Attempt] = [
        ("unshare-user", { () throws(Refusal) in try call(SystemCall.unshare, 0x1000_0000) }),
        ("unshare-mount", { () throws(Refusal) in try call(SystemCall.unshare, 0x0002_0000) }),
        ("unshare-net", { () throws(Refusal) in try call(SystemCall.unshare, 0x4000_0000) }),
        (
            "clone-user",
            { () throws(Refusal) in
                guard try call(SystemCall.clone, 0x1000_0000 | 17) == 0 else { return }
                CProbeExit(0)
            }
        ), ("clone3", { () throws(Refusal) in try call(SystemCall.clone3, 0, 64) }),
        (
            "setns",
            { () throws(Refusal) in
                let file = try OpenFile("/proc/self/ns/uts")
                try call(SystemCall.setns, file.number)
            }
        ),
        (
            "mount",
            { () throws(Refusal) in
                try withAddress(of: "tmpfs") { type throws(Refusal) in
                    try withAddress(of: "/tmp") { target throws(Refusal) in
                        _ = try call(SystemCall.mount, type, target, type)
                    }
                }
            }
        ),
        (
            "umount-proc",
            { () throws(Refusal) in
                try withAddress(of: "/proc") { target throws(Refusal) in
                    _ = try call(SystemCall.umount, target, 2)
                }
            }
        ),
        (
            "fsopen",
            { () throws(Refusal) in
                try withAddress(of: "tmpfs") { type throws(Refusal) in
                    _ = try call(SystemCall.fsopen, type)
                }
            }
        ),
        (
            "pivot-root",
            { () throws(Refusal) in
                try withAddress(of: "/") { root throws(Refusal) in
                    _ = try call(SystemCall.pivotRoot, root, root)
                }
            }
        ),
    ]

    private static let kernel: [Attempt] = [
        ("keyctl", { () throws(Refusal) in try call(SystemCall.keyctl, 0, -3, 0) }),
        ("add-key", { () throws(Refusal) in try call(SystemCall.addKey) }),
        ("bpf", { () throws(Refusal) in try call(SystemCall.bpf, 0, 0, 0) }),
        ("perf-event-open", { () throws(Refusal) in try call(SystemCall.perfEventOpen) }),
        ("init-module", { () throws(Refusal) in try call(SystemCall.initModule) }),
        ("kexec-load", { () throws(Refusal) in try call(SystemCall.kexecLoad) }),
        ("open-by-handle-at", { () throws(Refusal) in try call(SystemCall.openByHandleAt) }),
        ("userfaultfd", { () throws(Refusal) in try call(SystemCall.userfaultfd) }),
        ("io-uring-setup", { () throws(Refusal) in try call(SystemCall.ioUringSetup) }),
        ("syslog", { () throws(Refusal) in try call(SystemCall.syslog, 3, 0, 0) }),
        ("reboot", { () throws(Refusal) in try call(SystemCall.reboot) }),
        ("unknown-call", { () throws(Refusal) in try call(9999) }),
        ("tiocsti", { () throws(Refusal) in try inject(0x5412) }),
        ("tiocsti-high", { () throws(Refusal) in try inject(0x1_0000_5412) }),
        ("tioclinux", { () throws(Refusal) in try inject(0x541C) }),
    ]

    private static let sockets: [Attempt] = [
        ("socket-unix", { () throws(Refusal) in try call(SystemCall.socket, 1, 1) }),
        ("socket-inet", { () throws(Refusal) in try call(SystemCall.socket, 2, 1) }),
        ("socket-alg", { () throws(Refusal) in try call(SystemCall.socket, 38, 5) }),
        ("socket-vsock", { () throws(Refusal) in try call(SystemCall.socket, 40, 1) }),
        ("socket-packet", { () throws(Refusal) in try call(SystemCall.socket, 17, 3) }),
        ("socket-raw", { () throws(Refusal) in try call(SystemCall.socket, 2, 3, 1) }),
        ("socket-netlink", { () throws(Refusal) in try call(SystemCall.socket, 16, 3, 0) }),
        ("socket-audit", { () throws(Refusal) in try call(SystemCall.socket, 16, 3, 9) }),
    ]

    private static let entries: [Attempt] = [
        ("personality-none", { () throws(Refusal) in try call(SystemCall.personality, 0) }),
        (
            "personality-no-randomize",
            { () throws(Refusal) in try call(SystemCall.personality, 0x0004_0000) }
        ),
        (
            "int80",
            { () throws(Refusal) in
                let result = CProbeCall32(20, 0, 0, 0)
                guard result >= 0 else { throw Refusal(number: -result) }
            }
        ), ("x32", { () throws(Refusal) in try call(0x4000_0000 | 39) }),
    ]

    private static let processes: [Attempt] = [
        ("ptrace-init", { () throws(Refusal) in try call(SystemCall.ptrace, 16, 1) }),
        ("init-root", { () throws(Refusal) in _ = try list("/proc/1/root") }),
        ("init-cwd", { () throws(Refusal) in _ = try list("/proc/1/cwd") }),
        ("init-environ", { () throws(Refusal) in _ = try readText("/proc/1/environ") }),
        ("init-mem", { () throws(Refusal) in _ = try OpenFile("/proc/1/mem", 2) }),
        ("init-exe-read", { () throws(Refusal) in _ = try OpenFile("/proc/1/exe") }),
        ("init-exe-write", { () throws(Refusal) in _ = try OpenFile("/proc/1/exe", 1) }),
        ("kill-init", { () throws(Refusal) in try call(SystemCall.kill, 1, 0) }),
    ]

    private static func inject(_ request: Int) throws(Refusal) {
        var byte: [UInt8] = [0x0A]
        try withAddress(of: &byte) { address throws(Refusal) in
            _ = try call(SystemCall.ioctl, 0, request, address)
        }
    }
}
