import Foundation
import TestSupport
import Testing

extension Functional {
    /// An ordinary user, in a data directory of their own.
    @Suite(.requiresUserNamespaces) struct Rootless {
        @Test(arguments: [UnprivilegedUser.Ids.range, .single])
        func aUserRunsAPod(_ ids: UnprivilegedUser.Ids) throws {
            let user = try UnprivilegedUser(ids: ids)
            let image = try SharedFiles.busyboxACI.get()
            let fetch = try user.rkt("--insecure-options=image", "fetch", image)
            try #require(fetch.succeeded, "\(fetch)")
            for net in ["none", "host"] {
                let run = try user.rkt(
                    "run",
                    "--net=\(net)",
                    busybox,
                    "--exec=/bin/probe",
                    "--",
                    "--facts=ids,capabilities,security,descriptors"
                )
                #expect(run.succeeded, "\(run)")
                #expect(run.facts["uid"] == "0 0 0 0", "\(run)")
                #expect(run.facts["seccomp"] == "2", "\(run)")
                #expect(run.facts["fds"] == "0,1,2", "\(run)")
            }
            let list = try user.rkt("list")
            #expect(list.succeeded && list.lines.count == 3, "\(list)")
            let gc = try user.rkt("gc", "--grace-period=0s")
            #expect(gc.succeeded, "\(gc)")
            #expect(try user.rkt("list", "--no-legend").lines.isEmpty)
        }

        @Test func aUserEntersReadsLogsAndStops() throws {
            let user = try UnprivilegedUser(ids: .range)
            let image = try SharedFiles.busyboxACI.get()
            let fetch = try user.rkt("--insecure-options=image", "fetch", image)
            try #require(fetch.succeeded, "\(fetch)")
            let file = user.home("uuid")
            let run = try user.start(
                ["run", "--net=none", "--uuid-file-save=\(file)", busybox, "--exec=/bin/sh", "--"]
                    + ["-c", "echo hello; sleep 600"]
            )
            #expect(eventually { run.output.contains("hello") || !run.isRunning })
            let enter = try user.rkt("enter", File.read(file) ?? "", "/bin/echo", "inside")
            #expect(enter.text == "inside", "\(enter)")
            let logs = try user.rkt("logs", File.read(file) ?? "")
            #expect(logs.output.contains("hello"), "\(logs)")
            #expect(try user.rkt("stop", "--uuid-file=\(file)").succeeded)
            #expect(!run.finished(within: 20).isTimedOut)
            #expect(try user.rkt("rm", "--uuid-file=\(file)").succeeded)
        }

        /// A user that is not 0 inside needs a range; one id is not enough, and that is said.
        @Test func whatIsNotPossibleIsSaidWithItsRemedy() throws {
            let user = try UnprivilegedUser(ids: .single)
            let image = try SharedFiles.busyboxACI.get()
            _ = try user.rkt("--insecure-options=image", "fetch", image)
            let outcome = try user.rkt(
                "run",
                "--net=none",
                busybox,
                "--user=1000",
                "--exec=/bin/true"
            )
            #expect(outcome.code == 254, "\(outcome)")
            #expect(outcome.errors.contains("subuid"), "\(outcome)")
        }
    }
}
