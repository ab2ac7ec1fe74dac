import Foundation
import TestSupport
import Testing

extension Functional {
    /// The rules about what processes are and how they end.
    @Suite struct SecurityRulesOfProcesses {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        @Test("R6: app, entered command and handler are confined alike")
        func oneWayIn() throws {
            let facts = "--facts=capabilities,security,cgroup,label"
            let handler: [String: Any] = [
                "name": "pre-start", "exec": ["/bin/sh", "-c", "/bin/probe \(facts) > /facts"],
            ]
            let rkt = try Rkt.with(app: ["eventHandlers": [handler]])
            let pod = try rkt.startPod(
                ["--net=none", busybox, "--exec=/bin/sh", "--", "-c"]
                    + ["/bin/probe \(facts); cat /facts > /dev/stderr; sleep 600"]
            )
            #expect(eventually { pod.execution.errors.contains("cgroup=") })
            let app = pairs(pod.execution.output)
            #expect(app["seccomp"] == "2", "\(app)")
            #expect(pairs(pod.execution.errors) == app)
            #expect(try rkt("enter", pod.uuid, "/bin/probe", facts).facts == app)
            try pod.stop()
        }

        @Test(
            "R7: what is no id is never taken for one",
            arguments: [
                "4294967295", "4294967296", "-1", "+0", "0x0", " 0", "18446744073709551616", "",
            ]
        )
        func idsAreDecimal(_ user: String) throws {
            #expect(try rkt.shell("id -u", app: ["--user=\(user)"]).code == 254)
            #expect(try rkt.shell("id -g", app: ["--group=\(user)"]).code == 254)
        }

        @Test("R8: names of an image can't drive the terminal")
        func errorsAreEscaped() throws {
            let rkt = try Rkt.with(app: ["user": "bob\u{1B}[31m\u{9B}31m\n"])
            let outcome = try rkt("run", "--net=none", busybox)
            #expect(outcome.code == 254, "\(outcome)")
            let controls = outcome.errors.unicodeScalars.filter {
                $0.properties.generalCategory == .control && $0 != "\n"
            }
            #expect(controls.isEmpty, "\(outcome)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
        }

        @Test("R8: a variable without a value is not filled from the host (CVE-2026-57231)")
        func variablesAreTheImages() throws {
            let image = try OCIImage(config: [
                "Env": ["RKT_TEST_SECRET", "RKT_*", "=x"], "Cmd": ["/bin/probe", "--facts=env"],
            ]).write(in: rkt.scratch)
            let outcome = try rkt(
                ["--insecure-options=image", "run", "--net=none", image],
                environment: ["RKT_TEST_SECRET": "leaked"]
            )
            #expect(outcome.succeeded && !outcome.output.contains("leaked"), "\(outcome)")
        }

        @Test("R18: a number that is somebody else's by now is not signalled")
        func numbersAreNotTrusted() throws {
            let file = rkt.scratch("uuid")
            try rkt("run", "--net=none", "--uuid-file-save=\(file)", busybox, "--exec=/bin/true")
            let uuid = try #require(File.read(file))
            let stranger = try Execution(["/bin/sleep", "600"])
            defer { stranger.signal(SIGKILL) }
            try rkt.scratch.write("\(stranger.pid)\n", to: "data/pods/run/\(uuid)/ppid")
            _ = try rkt("stop", "--force", uuid)
            #expect(stranger.isRunning)
        }

        @Test("R19: no mount of a pod is seen on the host")
        func mountsArePrivate() throws {
            let volume = ["--volume=v,kind=empty", "--mount=volume=v,target=/v"]
            let pod = try rkt.startPod(
                ["--net=none"] + volume + [busybox, "--exec=/bin/sleep", "--", "600"]
            )
            let mounts = File.read("/proc/self/mountinfo") ?? ""
            #expect(!mounts.contains(rkt.data))
            try pod.stop()
        }

        @Test("R20: with its supervisor every process of a pod ends")
        func nothingOutlivesTheSupervisor() throws {
            let pod = try rkt.startPod(
                ["--net=none", busybox, "--exec=/bin/sh", "--"]
                    + ["-c", "trap '' TERM HUP; setsid sleep 600 & sleep 600"]
            )
            let app = try #require(pod.pid(of: "busybox"))
            let space = try tool("readlink", "/proc/\(app)/ns/pid")
            pod.execution.signal(SIGKILL)
            pod.execution.finished()
            #expect(
                eventually {
                    !File.list("/proc").filter { Int($0) != nil }.contains { process in
                        let path = "/proc/\(process)/ns/pid"
                        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: path)
                        return link == space
                    }
                }
            )
        }

        @Test("R20: a caller that ignores SIGCHLD changes nothing", arguments: [17, 10, 15])
        func ignoredSignalsStayOutside(_ signal: Int) throws {
            let command = """
                import os, signal, sys
                signal.signal(int(sys.argv[1]), signal.SIG_IGN)
                os.execv(sys.argv[2], sys.argv[2:])
                """
            let outcome = try Execution(
                ["/usr/bin/python3", "-c", command, "\(signal)", Rkt.program]
                    + ["--dir=\(rkt.data)", "run", "--net=none", busybox, "--exec=/bin/sh"]
                    + ["--", "-c", "grep SigIgn /proc/self/status; exit 3"]
            ).finished(within: 20)
            #expect(outcome.code == 3, "\(outcome)")
            let ignored = outcome.text.split(separator: "\t").last.flatMap { Int($0, radix: 16) }
            #expect(ignored == 0, "\(outcome)")
        }
    }
}
