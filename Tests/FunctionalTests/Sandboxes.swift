import TestSupport
import Testing

extension Functional {
    /// The sandbox from inside: every line of `Documentation/security.md`, as the probe sees it.
    @Suite struct Sandboxes {
        /// An app whose sandbox is looked at.
        enum Kind: String, CaseIterable, CustomTestStringConvertible {
            case rootOfACI
            case rootOfOCI
            case userOfACI
            case userOfOCI

            var testDescription: String { rawValue }
            var isUser: Bool { self == .userOfACI || self == .userOfOCI }
            var isOCI: Bool { self == .rootOfOCI || self == .userOfOCI }
            var flags: [String] { isUser ? ["--user=1000", "--group=1001"] : [] }

            func image() throws -> String {
                isOCI ? try SharedFiles.busyboxOCI.get() : busybox
            }
        }

        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        private func look(
            _ kind: Kind,
            _ actions: [String],
            options: [String] = []
        ) throws -> Outcome {
            let outcome = try rkt(
                options + ["run", "--net=none", try kind.image(), "--exec=/bin/probe"]
                    + kind.flags + ["--"] + actions
            )
            try #require(outcome.succeeded, "\(outcome)")
            return outcome
        }

        private static let fourteen = "00000000a80425fb"
        private static let eleven = "00000000800405fb"
        private static let none = "0000000000000000"

        /// R7: inheritable and ambient sets are empty; a user's effective set is too.
        @Test(arguments: Kind.allCases) func capabilities(_ kind: Kind) throws {
            let facts = try look(kind, ["--facts=capabilities"]).facts
            let bounding = kind.isOCI ? Self.eleven : Self.fourteen
            #expect(facts["caps.bounding"] == bounding)
            #expect(facts["caps.inheritable"] == Self.none)
            #expect(facts["caps.ambient"] == Self.none)
            #expect(facts["caps.effective"] == (kind.isUser ? Self.none : bounding))
            #expect(facts["caps.permitted"] == (kind.isUser ? Self.none : bounding))
        }

        @Test(arguments: Kind.allCases) func privilegesAndFilter(_ kind: Kind) throws {
            let facts = try look(kind, ["--facts=security"]).facts
            #expect(facts["no_new_privs"] == (kind == .rootOfACI ? "0" : "1"))
            #expect(facts["seccomp"] == "2")
        }

        /// R4: three descriptors and a working directory inside the root (CVE-2024-21626).
        @Test(arguments: Kind.allCases) func nothingLeaksIn(_ kind: Kind) throws {
            let facts = try look(kind, ["--facts=descriptors,cwd,env"]).facts
            #expect(facts["fds"] == "0,1,2")
            #expect(facts["cwd"] == "/")
            #expect(facts.keys.filter { $0.hasPrefix("env.") }.count < 12)
        }

        @Test func namespacesAreThePods() throws {
            let own = try rkt.probe(["--facts=namespaces,pid"]).facts
            for name in ["cgroup", "ipc", "mnt", "net", "pid", "uts"] {
                let host = try tool("readlink", "/proc/self/ns/\(name)")
                #expect(own["ns.\(name)"] != nil && own["ns.\(name)"] != host, "\(name)")
            }
            #expect(own["parent"] == "1")
        }

        @Test func eachAppHasItsOwnMountsAndSharesTheRest() throws {
            let probe = ["--exec=/bin/probe", "--", "--facts=namespaces", "---"]
            let outcome = try rkt(
                ["run", "--net=none", busybox, "--name=a"] + probe + [busybox, "--name=b"] + probe
            )
            func spaces(_ name: String) -> Set<Substring> {
                Set(
                    outcome.lines.compactMap { $0.split(separator: "ns.\(name)=").last }.filter {
                        $0.hasPrefix("\(name):[")
                    }
                )
            }
            #expect(spaces("mnt").count == 2, "\(outcome)")
            for name in ["ipc", "net", "pid", "uts"] { #expect(spaces(name).count == 1, "\(name)") }
        }

        @Test func hostNetworkIsTheHosts() throws {
            let outcome = try rkt(
                "run",
                "--net=host",
                busybox,
                "--exec=/bin/probe",
                "--",
                "--facts=namespaces"
            )
            #expect(outcome.facts["ns.net"] == (try tool("readlink", "/proc/self/ns/net")))
        }

        @Test func withoutNetworkThereIsOnlyTheLoopback() throws {
            #expect(try rkt.shell("ls /sys/class/net; ip -o addr").output.hasPrefix("lo\n"))
            #expect(try rkt.shell("ping -c1 -w2 127.0.0.1 >/dev/null && echo up").text == "up")
        }

        @Test(arguments: ["", "auto", "private"]) func ipcIsPrivate(_ value: String) throws {
            let outcome = try rkt.probe(["--facts=namespaces"], pod: ["--ipc=\(value)"])
            #expect(outcome.facts["ns.ipc"] != (try tool("readlink", "/proc/self/ns/ipc")))
        }

        @Test func ipcCanBeTheParents() throws {
            let outcome = try rkt.probe(["--facts=namespaces"], pod: ["--ipc=parent"])
            #expect(outcome.facts["ns.ipc"] == (try tool("readlink", "/proc/self/ns/ipc")))
            #expect(try rkt.probe(["--exit=0"], pod: ["--ipc=what"]).code == 254)
        }

        /// Refused for everybody, whatever the image; with an error, never with a signal.
        @Test(arguments: Kind.allCases) func forbiddenCallsAreRefused(_ kind: Kind) throws {
            let facts = try look(kind, ["--attempts"]).facts
            let refused = [
                "unshare-user": "EPERM", "unshare-mount": "EPERM", "unshare-net": "EPERM",
                "clone-user": "EPERM", "clone3": "ENOSYS", "setns": "EPERM", "mount": "EPERM",
                "umount-proc": "EPERM", "pivot-root": "EPERM", "keyctl": "EPERM",
                "add-key": "EPERM", "bpf": "EPERM", "perf-event-open": "EPERM",
                "init-module": "EPERM", "kexec-load": "EPERM", "open-by-handle-at": "EPERM",
                "userfaultfd": "EPERM", "io-uring-setup": "EPERM", "reboot": "EPERM",
                "unknown-call": "ENOSYS", "tiocsti": "EPERM", "tiocsti-high": "EPERM",
                "tioclinux": "EPERM", "socket-alg": "EAFNOSUPPORT", "socket-vsock": "EAFNOSUPPORT",
                "personality-no-randomize": "EPERM", "int80": "ENOSYS", "x32": "ENOSYS",
            ]
            for (name, error) in refused {
                #expect(facts["try.\(name)"] == error, "\(name)")
            }
            for name in ["socket-unix", "socket-inet", "socket-netlink", "personality-none"] {
                #expect(facts["try.\(name)"] == "ok", "\(name)")
            }
            for (name, result) in facts where name.hasPrefix("try.") {
                #expect(!result.hasPrefix("killed"), "\(name) was answered with a signal")
            }
        }

        @Test func packetsNeedTheCapability() throws {
            let aci = try look(.rootOfACI, ["--attempts"]).facts
            #expect(aci["try.socket-packet"] == "ok")
            let oci = try look(.rootOfOCI, ["--attempts"]).facts
            #expect(oci["try.socket-packet"] == "EAFNOSUPPORT")
            #expect(oci["try.socket-raw"] == "EPERM")
            #expect(oci["try.socket-audit"] == "EINVAL")
        }

        /// R5: PID 1 is ours, out of reach and not to be overwritten (CVE-2019-5736).
        @Test(arguments: Kind.allCases) func theSupervisorIsOutOfReach(_ kind: Kind) throws {
            let facts = try look(kind, ["--attempts"]).facts
            for name in ["ptrace-init", "init-root", "init-cwd", "init-mem", "init-exe-write"] {
                #expect(facts["try.\(name)"]?.hasPrefix("E") == true, "\(name)")
            }
        }

        static let readOnlyPaths = [
            "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/sys",
        ]
        static let maskedFiles = [
            "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/kallsyms", "/proc/config.gz",
            "/proc/sched_debug", "/proc/latency_stats", "/proc/interrupts",
        ]
        static let maskedDirectories = [
            "/proc/acpi", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
            "/sys/fs/selinux", "/sys/module", "/sys/power", "/sys/hypervisor",
        ]

        @Test(arguments: Kind.allCases) func kernelPathsAreReadOnly(_ kind: Kind) throws {
            let writes = [
                "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern",
                "/proc/sys/kernel/modprobe", "/proc/sys/vm/panic_on_oom",
            ].filter { File.exists($0) }
            let facts = try look(kind, ["--facts=mounts"] + writes.map { "--open-write=\($0)" })
                .facts
            for path in writes {
                #expect(["EROFS", "EACCES"].contains(facts["write.\(path)"]), "\(path)")
            }
            for path in Self.readOnlyPaths where File.exists(path) {
                #expect(
                    facts["mount.\(path)"]?.split(separator: " ")[1].hasPrefix("ro") == true,
                    "\(path)"
                )
            }
        }

        @Test(arguments: Kind.allCases) func secretsOfTheKernelAreMasked(_ kind: Kind) throws {
            let facts = try look(
                kind,
                Self.maskedFiles.map { "--read=\($0)" }
                    + Self.maskedDirectories.map { "--list=\($0)" }
            ).facts
            for path in Self.maskedFiles where File.exists(path) {
                #expect(["", "EACCES", "EPERM"].contains(facts["read.\(path)"]), "\(path)")
            }
            for path in Self.maskedDirectories where File.exists(path) {
                #expect(["", "EACCES"].contains(facts["list.\(path)"]), "\(path)")
            }
        }

        @Test(arguments: Kind.allCases) func mountsCarryTheirFlags(_ kind: Kind) throws {
            let facts = try look(kind, ["--facts=mounts"]).facts
            func options(_ path: String) -> [Substring] {
                facts["mount.\(path)"]?.split { $0 == " " || $0 == "," } ?? []
            }
            for path in ["/proc", "/sys", "/dev/pts", "/dev/shm", "/dev/mqueue"] {
                for flag in ["nosuid", "noexec"] {
                    #expect(options(path).contains(Substring(flag)), "\(path) \(flag)")
                }
            }
            #expect(options("/").contains("nodev"))
            #expect(options("/").contains("nosuid") == (kind != .rootOfACI))
            #expect(options("/dev").contains("nosuid"))
            let shared = facts.filter { $0.key.hasPrefix("mount.") && $0.value.contains("shared:") }
            #expect(shared.isEmpty, "mounts propagate: \(shared)")
        }

        @Test(arguments: Kind.allCases) func devicesAreTheSixUsualOnes(_ kind: Kind) throws {
            let opened = ["null", "zero", "full", "random", "urandom"]
            let outcome = try look(kind, ["--facts=devices"] + opened.map { "--open=/dev/\($0)" })
            let devices = Set(
                outcome.facts["devices"]?.split(separator: ",").map(String.init) ?? []
            )
            #expect(devices.isSuperset(of: opened + ["tty", "ptmx", "pts", "shm", "fd", "stdin"]))
            #expect(
                devices.isDisjoint(with: [
                    "kmsg", "mem", "loop0", "loop-control", "kvm", "fuse", "net",
                ])
            )
            for name in opened { #expect(outcome.facts["open./dev/\(name)"] == "ok", "\(name)") }
        }

        /// The device policy holds also for nodes an app makes itself.
        @Test func nodesThatAreMadeCannotBeUsed() throws {
            let outcome = try look(
                .rootOfACI,
                [
                    "--mknod=/tmp-loop:c:10:237", "--mknod=/tmp-disk:b:7:0",
                    "--mknod=/tmp-kmsg:c:1:11",
                ]
            )
            for node in ["/tmp-loop:c:10:237", "/tmp-disk:b:7:0", "/tmp-kmsg:c:1:11"] {
                let isMade = outcome.facts["mknod.\(node)"] == "ok"
                let isOpened = outcome.facts["mknod-open.\(node)"] == "ok"
                #expect(!isMade || !isOpened, "\(outcome)")
            }
        }

        @Test func aDeviceVolumeOpensThatDeviceAlone() throws {
            let outcome = try rkt.probe(
                ["--open=/dev/fuse", "--mknod=/x:c:10:237"],
                pod: ["--volume=f,kind=host,source=/dev/fuse", "--mount=volume=f,target=/dev/fuse"]
            )
            #expect(outcome.facts["open./dev/fuse"] == "ok", "\(outcome)")
            #expect(outcome.facts["mknod-open./x:c:10:237"] != "ok", "\(outcome)")
        }

        @Test func theKeyringIsThePods() throws {
            let options = ["--insecure-options=seccomp"]
            let rings = try (0..<2).map { _ in
                try look(.rootOfACI, ["--facts=keyring"], options: options).facts["keyring"]
            }
            let host = pairs(try tool(Rkt.probe, "--facts=keyring"))["keyring"]
            #expect(Set(rings + [host]).count == 3, "\(rings) \(host ?? "")")
            #expect(rings.allSatisfy { Int($0 ?? "") != nil })
        }

        @Test func systemSettingsLetUnprivilegedAppsPingAndServe() throws {
            let outcome = try look(
                .userOfOCI,
                ["--read=/proc/sys/net/ipv4/ping_group_range"]
                    + ["--read=/proc/sys/net/ipv4/ip_unprivileged_port_start"]
            )
            let range = outcome.facts["read./proc/sys/net/ipv4/ping_group_range"] ?? ""
            #expect(range.hasSuffix("2147483647"), "\(outcome)")
            #expect(outcome.facts["read./proc/sys/net/ipv4/ip_unprivileged_port_start"] == "0")
        }

        /// Every switch turns off its own protection and no other.
        @Test(arguments: ["capabilities", "paths", "seccomp"])
        func oneInsecureOptionOpensOneThing(_ option: String) throws {
            let facts = try look(
                .rootOfACI,
                ["--facts=capabilities,security,mounts"],
                options: ["--insecure-options=\(option)"]
            ).facts
            #expect((facts["caps.bounding"] != Self.fourteen) == (option == "capabilities"))
            #expect((facts["seccomp"] != "2") == (option == "seccomp"))
            #expect((facts["mount./proc/sys"] == nil) == (option == "paths"))
        }

        @Test func allRunOpensAllThree() throws {
            let options = ["--insecure-options=all-run"]
            let facts = try look(
                .rootOfACI,
                ["--facts=capabilities,security,mounts"],
                options: options
            ).facts
            #expect(facts["caps.bounding"] != Self.fourteen)
            #expect(facts["seccomp"] == "0")
            #expect(facts["mount./proc/sys"] == nil)
        }

        @Test(arguments: ["what", "seccomp,seccomp", ""])
        func wrongInsecureOptionsAreRefused(_ value: String) throws {
            let outcome = try rkt("--insecure-options=\(value)", "list")
            #expect(outcome.code == (value.isEmpty ? outcome.code : 254), "\(outcome)")
        }

        /// R1, R2: an image cannot send the engine's own writes elsewhere.
        @Test(arguments: ["etc", "dev", "proc", "sys"])
        func linksInPlaceOfDirectoriesLeadNowhere(_ name: String) throws {
            let outside = try rkt.scratch.makeDirectory("outside")
            var aci = try ACI("example.com/evil")
            var archive = TarArchive()
            archive.add("rootfs/", .directory)
            archive.add("rootfs/\(name)", .symbolicLink, link: outside)
            archive.add("rootfs/bin/", .directory)
            archive.add("rootfs/bin/true", contents: try #require(File.data("/bin/busybox")))
            aci.archive = archive
            try rkt.fetch(try aci.write(in: rkt.scratch, as: "evil.aci"))
            let outcome = try rkt(
                ["run", "--net=none", "--dns=1.2.3.4", "--hosts-entry=host"]
                    + ["example.com/evil", "--exec=/bin/true"]
            )
            #expect(!outcome.isTimedOut, "\(outcome)")
            #expect(rkt.scratch.list("outside").isEmpty, "written outside: \(outcome)")
        }
    }
}
