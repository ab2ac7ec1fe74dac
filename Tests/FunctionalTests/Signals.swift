import Foundation
import TestSupport
import Testing

extension Functional {
    /// What reaches a pod through its supervisor: signals, and readers that don't read or go away.
    @Suite struct Signals {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        private func shell(_ script: String) -> [String] {
            ["--net=none", busybox, "--exec=/bin/sh", "--", "-c", script]
        }

        @Test func everyInterruptReachesTheApp() throws {
            let script = """
                n=0
                trap 'n=$((n+1)); echo "int $n"; [ $n = 3 ] && exit 9' INT
                echo ready
                while :; do sleep 0.05; done
                """
            let pod = try rkt.startPod(shell(script))
            #expect(eventually { pod.execution.output.contains("ready") })
            for count in 1...3 {
                pod.execution.signal(SIGINT)
                #expect(eventually { pod.execution.output.contains("int \(count)") })
            }
            #expect(pod.execution.finished(within: 15).code == 9)
        }

        @Test func aReaderThatLeavesEndsThePod() throws {
            let run =
                "\(Rkt.program) --dir=\(rkt.data) run --net=none \(busybox) --exec=/bin/yes"
            let outcome = try Execution(["/bin/sh", "-c", "\(run) | head -n 2"])
                .finished(within: 15)
            #expect(outcome.output == "y\ny\n", "\(outcome)")
            let uuid = try #require(rkt.pods(in: "run").first)
            #expect(try rkt("status", "--wait=10s", uuid).succeeded)
        }

        @Test func aReaderThatDoesNotReadCannotKeepAStoppedPod() throws {
            let run =
                "\(Rkt.program) --dir=\(rkt.data) run --net=none \(busybox) --exec=/bin/yes"
            // A pipe that is its own reader: it fills, and nobody is ever gone.
            let pipe = rkt.scratch("pipe")
            let stuck = try Execution(
                ["/bin/sh", "-c", "mkfifo \(pipe); exec 3<>\(pipe); exec \(run) >&3"]
            )
            #expect(
                eventually {
                    rkt.pods(in: "run").contains { (try? rkt.status($0))?["state"] == "running" }
                }
            )
            let uuid = try #require(rkt.pods(in: "run").first)
            // An app that is stopped before it starts has no status.
            #expect(try rkt("status", "--wait-ready=10s", uuid).succeeded)
            // Had the supervisor waited for the reader, stop would have killed it: no status, and 137.
            #expect(try rkt("stop", "--timeout=5s", uuid).succeeded)
            #expect(try rkt.status(uuid)["app-busybox"] == "143")
            #expect(stuck.finished(within: 5).code == 143)
        }

        /// A pod is running before its supervisor can be asked: that is waited for, not taken for an end.
        @Test func stopIsHeardByAPodThatIsJustStarting() throws {
            for _ in 0..<10 {
                let pod = try Execution([
                    Rkt.program, "--dir=\(rkt.data)", "run", "--net=none", busybox,
                    "--exec=/bin/sleep", "--", "600",
                ])
                while rkt.pods(in: "run").isEmpty {}
                let uuid = try #require(rkt.pods(in: "run").first)
                #expect(try rkt("stop", "--timeout=5s", uuid).succeeded)
                #expect(pod.finished(within: 10).code == 143)
                #expect(try rkt("rm", uuid).succeeded)
            }
        }

        @Test func outputIsWholeHoweverMuchItIs() throws {
            let run = "\(Rkt.program) --dir=\(rkt.data) run --net=none \(busybox) --exec=/bin/seq"
            let outcome = try Execution(["/bin/sh", "-c", "\(run) -- 1 300000 | md5sum"])
                .finished(within: 60)
            let expected = try tool("/bin/sh", "-c", "seq 1 300000 | md5sum")
            #expect(outcome.text == expected, "\(outcome)")
        }

        @Test(arguments: ["SIGFOO", "0", "32", "65", "RTMAX+1"])
        func anUnknownStopSignalIsSaidAndTERMIsUsed(_ signal: String) throws {
            let rkt = try Rkt()
            let image = try OCIImage(config: ["Cmd": ["/bin/sh"], "StopSignal": signal])
            let pod = try rkt.startPod(
                ["--net=none", try image.write(in: rkt.scratch), "--exec=/bin/probe"]
                    + ["--", "--catch=15", "--facts=ids", "--wait"]
            )
            // From then on it catches the signal.
            #expect(eventually { pod.execution.output.contains("uid=") })
            #expect(try rkt("stop", pod.uuid).succeeded)
            let end = pod.execution.finished()
            #expect(end.output.contains("caught=15"), "\(end)")
            #expect(
                end.errors.contains("\"\(signal)\"") && end.errors.contains("SIGTERM"),
                "\(end)"
            )
        }
    }
}
