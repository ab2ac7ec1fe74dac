import TestSupport
import Testing

extension Functional {
    /// What apps print: on `rkt run`'s own output and in files of the pod.
    @Suite struct Logs {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        private var uuid: String { rkt.pods(in: "run").first ?? "" }

        @Test func oneAppPrintsWithoutPrefix() throws {
            let outcome = try rkt.probe(["--out=to output", "--err=to errors"])
            #expect(outcome.output == "to output\n")
            #expect(outcome.errors.contains("to errors"))
            #expect(!outcome.output.contains("to errors"))
        }

        @Test func severalAppsArePrefixed() throws {
            let outcome = try rkt(
                ["run", "--net=none", busybox, "--name=a", "--exec=/bin/echo", "--", "x", "---"]
                    + [busybox, "--name=b", "--exec=/bin/echo", "--", "y"]
            )
            #expect(outcome.lines.contains { $0.contains("a") && $0.hasSuffix("x") }, "\(outcome)")
            #expect(outcome.lines.contains { $0.contains("b") && $0.hasSuffix("y") }, "\(outcome)")
        }

        @Test func logsAreKeptInTheCRIFormat() throws {
            _ = try rkt.probe(["--out=line", "--err=wrong"])
            let file = rkt.scratch.read("data/pods/run/\(uuid)/logs/busybox/0.log") ?? ""
            let line =
                /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d) (stdout|stderr) [FP] .*/
            let lines = file.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines.allSatisfy { $0.wholeMatch(of: line) != nil }, "\(file)")
        }

        @Test func logsAreShownAfterTheEnd() throws {
            _ = try rkt.probe(["--repeat=5:line"])
            #expect(try rkt("logs", uuid).lines.count == 5)
            #expect(try rkt("logs", "--app=busybox", uuid).lines.count == 5)
            let tail = try rkt("logs", "--tail=2", uuid)
            #expect(tail.lines.map { $0.suffix(6) } == ["line 3", "line 4"], "\(tail)")
            #expect(try rkt("logs", "--app=other", uuid).code == 254)
        }

        @Test func logsFollowARunningPod() throws {
            let pod = try rkt.startPod(
                ["--net=none", busybox, "--exec=/bin/sh", "--"]
                    + ["-c", "echo one; sleep 0.3; echo two; sleep 0.3"]
            )
            let follow = try rkt.start(["logs", "-f", pod.uuid])
            let outcome = follow.finished(within: 15)
            #expect(!outcome.isTimedOut)
            #expect(outcome.output.contains("one") && outcome.output.contains("two"), "\(outcome)")
            pod.execution.finished()
        }

        @Test func logsAreBounded() throws {
            let outcome = try rkt.shell(
                "yes 0123456789012345678901234567890123456789 | head -n 2000000"
            )
            #expect(outcome.succeeded)
            let size = try tool("du", "-sk", rkt.scratch("data/pods/run/\(uuid)/logs"))
            let kilobytes = Int(size.prefix { $0.isNumber }) ?? .max
            #expect(kilobytes < 128 * 1024, "\(size)")
        }

        @Test func aLineWithoutEndIsKept() throws {
            let outcome = try rkt.shell("printf 'no newline'")
            #expect(outcome.output.hasPrefix("no newline"), "\(outcome)")
            #expect(try rkt("logs", uuid).output.contains("no newline"))
        }

        @Test func anAppThatClosesItsOutputGoesOn() throws {
            let outcome = try rkt.shell("exec >&- 2>&-; sleep 0.1; exit 3")
            #expect(outcome.code == 3, "\(outcome)")
        }

        /// R8: what an image says doesn't drive the terminal.
        @Test func controlCharactersInNamesAreEscaped() throws {
            let outcome = try rkt("run", "--net=none", "x\u{1b}[31m")
            #expect(outcome.code == 254)
            #expect(!outcome.errors.contains("\u{1b}"), "\(outcome)")
        }
    }
}
