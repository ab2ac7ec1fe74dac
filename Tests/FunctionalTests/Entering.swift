import TestSupport
import Testing

extension Functional {
    /// `rkt enter` has no more rights than the app it joins (CVE-2019-10144, -10145, -10147).
    @Suite struct Entering {
        let rkt: Rkt
        static let facts = "--facts=ids,capabilities,security,namespaces,cgroup,cwd,env,descriptors"

        init() throws { rkt = try .withBusybox() }

        private func start(_ app: [String] = []) throws -> BackgroundPod {
            try rkt.startPod(
                ["--net=none", busybox, "--exec=/bin/sh"] + app
                    + ["--", "-c", "/bin/probe \(Self.facts); sleep 600"]
            )
        }

        /// R6: the same confinement by the same path.
        @Test(arguments: [
            [], ["--user=user", "--group=users", "--working-dir=/home/user"],
            ["--caps-retain=CAP_CHOWN", "--environment=X=y"],
        ])
        func entersWithExactlyTheAppsRights(_ app: [String]) throws {
            let pod = try start(app)
            _ = eventually { pod.execution.output.contains("fds=") }
            let own = pairs(pod.execution.output)
            let outcome = try rkt("enter", pod.uuid, "/bin/probe", Self.facts)
            let entered = outcome.facts
            #expect(entered["uid"] != nil, "\(outcome)")
            for (key, value) in own where !key.hasPrefix("fd") {
                guard key != "env.TERM", key != "env.PWD", key != "env.SHLVL", key != "env.OLDPWD"
                else { continue }
                #expect(entered[key] == value, "\(key) differs: \(outcome)")
            }
            try pod.stop()
        }

        /// In a chroot `pivot_root(2)` leaves the namespace's own root where it was, and `setns(2)` leads to that one.
        @Test func aPodStartedInAChrootIsEnteredWhereItsAppIs() throws {
            let root = try rkt.scratch.makeDirectory("chroot")
            let script = "mount --rbind / \(root) && exec chroot \(root) \"$0\" \"$@\""
            let inChroot = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script]
            func start(_ arguments: String...) throws -> Execution {
                try Execution(inChroot + [Rkt.program, "--dir=\(rkt.data)"] + arguments)
            }
            let saved = rkt.scratch("uuid")
            let command = "ls /; wc -l < /proc/self/mountinfo; cat /etc/hostname"
            let pod = try start(
                "run",
                "--net=none",
                "--uuid-file-save=\(saved)",
                busybox,
                "--exec=/bin/sh",
                "--",
                "-c",
                "\(command); echo end; sleep 600"
            )
            #expect(eventually { pod.output.contains("end") }, "\(pod.output)")
            let uuid = rkt.scratch.read("uuid") ?? ""
            let entered = try start("enter", uuid, "/bin/sh", "-c", command).finished(within: 30)
            #expect(entered.output + "end\n" == pod.output, "\(entered)")
            #expect(entered.succeeded, "\(entered)")
            #expect(try rkt("stop", uuid).succeeded)
            #expect(pod.finished(within: 30).code == 143)
        }

        @Test func whatTheAppMayNotTheEnteredMayNot() throws {
            let pod = try start()
            let outcome = try rkt("enter", pod.uuid, "/bin/probe", "--attempts")
            for name in ["unshare-mount", "mount", "bpf", "keyctl", "setns", "clone-user"] {
                #expect(outcome.facts["try.\(name)"] != "ok", "\(name): \(outcome)")
            }
            try pod.stop()
        }

        @Test func theExitCodeIsTheCommands() throws {
            let pod = try start()
            #expect(try rkt("enter", pod.uuid, "/bin/probe", "--exit=9").code == 9)
            #expect(try rkt("enter", pod.uuid, "echo", "hi").text == "hi")
            let missing = try rkt("enter", pod.uuid, "/no/such")
            #expect(!missing.succeeded && missing.errors.contains("/no/such"), "\(missing)")
            try pod.stop()
        }

        @Test func severalAppsNeedAName() throws {
            let sleeper = ["--exec=/bin/sleep", "--", "600", "---"]
            let pod = try rkt.startPod(
                ["--net=none", busybox, "--name=a"] + sleeper + [busybox, "--name=b"] + sleeper
            )
            let which = try rkt("enter", pod.uuid, "/bin/true")
            #expect(which.code == 254)
            #expect(which.errors.contains("a") && which.errors.contains("b"), "\(which)")
            let chosen = try rkt("enter", "--app=b", pod.uuid, "/bin/sh", "-c", "echo $AC_APP_NAME")
            #expect(chosen.text == "b", "\(chosen)")
            try pod.stop()
        }

        @Test func whatDoesNotRunCannotBeEntered() throws {
            let uuid = try rkt.prepare([busybox])
            #expect(try rkt("enter", uuid, "/bin/true").code == 254)
        }

        @Test func inputAndTerminalAreTheCallers() throws {
            let pod = try start()
            let piped = try rkt("enter", pod.uuid, "/bin/cat", input: "through\n")
            #expect(piped.text == "through", "\(piped)")
            let typed = try rkt.onTerminal(["enter", pod.uuid, "/bin/probe", "--facts=tty"])
            #expect(typed.facts["tty.stdin"] == "true", "\(typed)")
            #expect(typed.facts["columns"] == "91", "\(typed)")
            try pod.stop()
        }
    }
}
