import Foundation
import TestSupport
import Testing

extension Functional {
    /// Pods as services of systemd: Documentation/systemd.md.
    @Suite struct ServiceManagers {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        /// `man 3 sd_notify`: one datagram once every app runs, from the process that was started.
        @Test(arguments: ["path", "abstract"])
        func whoeverWaitsIsToldWhenAllAppsRun(_ kind: String) throws {
            let wait = """
                import os, socket, subprocess, sys
                name, command = sys.argv[1], sys.argv[2:]
                server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                server.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
                server.bind(name.replace("@", "\\0", 1))
                server.settimeout(300)
                child = subprocess.Popen(command, env={"NOTIFY_SOCKET": name})
                text, credentials, _, _ = server.recvmsg(100, 100)
                pid = int.from_bytes(credentials[0][2][:4], sys.byteorder)
                print(text.decode().strip(), pid == child.pid, flush=True)
                child.wait()
                """
            let name = kind == "path" ? rkt.scratch("notify") : "@rkt-test-\(UUID().uuidString)"
            let app = ["--exec=/bin/sleep", "--", "0.1", "---"]
            let outcome = try Execution(
                ["/usr/bin/python3", "-c", wait, name, Rkt.program, "--dir=\(rkt.data)", "run"]
                    + ["--net=none", busybox, "--name=a"] + app + [busybox, "--name=b"] + app
            ).finished(within: 60)
            #expect(outcome.text == "READY=1 True", "\(outcome)")
        }

        @Test func aSocketThatIsGoneStopsNoPod() throws {
            let outcome = try rkt.probe(["--exit=0"], environment: ["NOTIFY_SOCKET": "/nowhere"])
            #expect(outcome.succeeded && outcome.errors.contains("NOTIFY_SOCKET"), "\(outcome)")
        }

        /// A unit's limits hold for the pod, `systemctl stop` is `rkt stop`, and nothing stays.
        @Test(.requiresSystemd, .requiresPureCgroupV2, arguments: ["exec", "notify"])
        func aUnitRunsAPod(_ type: String) throws {
            let unit = "rkt-test-\(UUID().uuidString.prefix(8).lowercased()).service"
            let file = "/run/systemd/system/\(unit)"
            let program = "\(Rkt.program) --dir=\(rkt.data)"
            let text = """
                [Service]
                Type=\(type)
                Delegate=yes
                KillMode=mixed
                MemoryMax=200M
                SuccessExitStatus=143
                ExecStart=\(program) run --net=none --uuid-file-save=\(rkt.scratch("uuid")) \(busybox) \
                    --memory=64Mi --exec=/bin/sleep -- 600
                ExecStopPost=\(program) rm --uuid-file=\(rkt.scratch("uuid"))
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            defer {
                _ = try? tool("systemctl", "stop", unit)
                try? FileManager.default.removeItem(atPath: file)
                _ = try? tool("sh", "-c", "systemctl reset-failed \(unit); systemctl daemon-reload")
            }
            try tool("systemctl", "daemon-reload")
            try tool("systemctl", "start", unit)
            let status = rkt.scratch("uuid")
            #expect(
                try rkt("status", "--wait-ready=60s", "--uuid-file=\(status)").succeeded
                    || type == "exec"
            )
            #expect(eventually { !rkt.pods(in: "run").isEmpty })
            let uuid = try #require(rkt.pods(in: "run").first)
            #expect(eventually { rkt.scratch.read("data/pods/run/\(uuid)/subcgroup") != nil })
            let cgroups = rkt.scratch.read("data/pods/run/\(uuid)/subcgroup") ?? ""
            #expect(cgroups.contains("/system.slice/\(unit)/"), "\(cgroups)")
            try tool("systemctl", "stop", unit)
            let result = try tool("systemctl", "show", "--property=Result,ActiveState", unit)
            #expect(result.contains("Result=success"), "\(result)")
            #expect(rkt.pods(in: "run").isEmpty)
            #expect(!File.exists("/sys/fs/cgroup/system.slice/\(unit)"))
        }

        /// What the user's systemd delegates, a pod of theirs can be limited in.
        @Test(
            .requiresSystemd,
            .requiresPureCgroupV2,
            .requiresUserNamespaces,
            arguments: ["--scope", "--wait"]
        )
        func aUsersPodHasItsLimits(_ kind: String) throws {
            let user = try UnprivilegedUser(ids: .range)
            let image = try SharedFiles.busyboxACI.get()
            let fetch = try user.rkt("--insecure-options=image", "fetch", image)
            try #require(fetch.succeeded, "\(fetch)")
            try tool("loginctl", "enable-linger", user.name)
            let id = try tool("id", "-u", user.name)
            defer {
                _ = try? tool("loginctl", "disable-linger", user.name)
                _ = try? tool("systemctl", "stop", "user@\(id).service")
            }
            try tool("systemctl", "start", "user@\(id).service")
            let outcome = try user.run(
                ["/usr/bin/systemd-run", "--user", "--quiet", kind]
                    + (kind == "--scope" ? [] : ["--pipe", "--working-directory=/"])
                    + ["--property=Delegate=yes", user.program, "run", "--net=none", busybox]
                    + ["--memory=48Mi", "--cpu=500m", "--exec=/bin/sh", "--", "-c"]
                    + [
                        "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max; /bin/probe --allocate=100"
                    ],
                environment: [
                    "XDG_RUNTIME_DIR": "/run/user/\(id)",
                    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/\(id)/bus",
                ],
                within: 60
            )
            #expect(outcome.lines.first == "\(48 << 20)", "\(outcome)")
            #expect(outcome.lines.dropFirst().first == "50000 100000", "\(outcome)")
            #expect(outcome.code == 137, "\(outcome)")
            #expect(!outcome.errors.contains("warning"), "\(outcome)")
        }
    }
}
