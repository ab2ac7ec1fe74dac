import Foundation
import TestSupport
import Testing

extension Functional {
    /// How a pod ends, and what its end says.
    @Suite struct ExitCodes {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        @Test(arguments: [0, 1, 2, 42, 203, 254, 255])
        func theAppsCodeIsThePods(_ code: Int) throws {
            let outcome = try rkt.probe(["--exit=\(code)"])
            #expect(outcome.code == code, "\(outcome)")
            let uuid = try #require(rkt.pods(in: "run").first)
            #expect(try rkt.status(uuid)["app-busybox"] == "\(code)")
        }

        @Test(arguments: [2, 6, 9, 11, 15])
        func aSignalIs128AndItsNumber(_ signal: Int) throws {
            let outcome = try rkt.probe(["--signal=\(signal)"])
            #expect(outcome.code == 128 + signal, "\(outcome)")
        }

        @Test func theFirstAppThatFailsStopsThePod() throws {
            func app(_ name: String, _ actions: [String]) -> [String] {
                [busybox, "--name=\(name)", "--exec=/bin/probe", "--"] + actions + ["---"]
            }
            let outcome = try rkt(
                ["run", "--net=none"] + app("a", ["--exit=0"])
                    + app("b", ["--sleep=200", "--exit=5"]) + app("c", ["--sleep=60000"])
            )
            #expect(outcome.code == 5, "\(outcome)")
            let uuid = try #require(rkt.pods(in: "run").first)
            let status = try rkt.status(uuid)
            #expect(status["app-a"] == "0")
            #expect(status["app-b"] == "5")
        }

        @Test func allAppsAreWaitedFor() throws {
            let outcome = try rkt(
                ["run", "--net=none", busybox, "--name=a", "--exec=/bin/true", busybox, "--name=b"]
                    + ["--exec=/bin/sh", "--", "-c", "sleep 0.3; echo late"]
            )
            #expect(outcome.succeeded && outcome.output.contains("late"), "\(outcome)")
        }

        @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
        func signalsForTheSupervisorReachTheApp(_ signal: Int32) throws {
            let actions = ["--catch=\(signal)", "--catch=15", "--out=ready", "--wait", "--exit=7"]
            let pod = try rkt.startPod(
                ["--net=none", busybox, "--exec=/bin/probe", "--"] + actions
            )
            #expect(eventually { pod.execution.output.contains("ready") })
            pod.execution.signal(signal)
            let outcome = pod.execution.finished(within: 15)
            #expect(outcome.code == 7, "\(outcome)")
            #expect(outcome.output.contains("caught="), "\(outcome)")
        }

        /// R20: whoever kills the supervisor ends the pod.
        @Test func thePodDiesWithItsSupervisor() throws {
            let pod = try rkt.startPod(["--net=none", busybox, "--exec=/bin/sleep", "--", "600"])
            let app = try #require(pod.pid(of: "busybox"))
            pod.execution.signal(SIGKILL)
            pod.execution.finished()
            #expect(eventually { !File.exists("/proc/\(app)/exe") && kill(app, 0) != 0 })
            #expect(try rkt.status(pod.uuid)["state"] == "exited")
        }

        @Test func orphansAreReaped() throws {
            let outcome = try rkt.probe(["--orphan", "--orphan", "--sleep=300", "--zombies"])
            #expect(outcome.facts["zombies"] == "0", "\(outcome)")
        }

        @Test(arguments: [
            ["no-such-command"], ["run", "--no-such-flag"], ["list", "--format=xml"],
        ])
        func mistakesOnTheCommandLineAre254(_ arguments: [String]) throws {
            #expect(try rkt(arguments).code == 254)
        }

        @Test func noCommandIs2() throws {
            #expect(try rkt([]).code == 2)
        }

        @Test func helpAndVersionSucceed() throws {
            #expect(try rkt("help").output.contains("run"))
            #expect(try rkt("help", "run").output.contains("--volume"))
            #expect(try rkt("run", "--help").output.contains("--volume"))
            #expect(try rkt("version").output.contains("rkt Version: "))
        }

        @Test func aMissingProgramIsTheSameForRunAndEnter() throws {
            let rkt = try Rkt.withBusybox()
            let run = try rkt("run", "--net=none", busybox, "--exec=/no/such")
            #expect(run.code == 203, "\(run)")
            let pod = try rkt.startPod(["--net=none", busybox, "--exec=/bin/sleep", "--", "60"])
            let enter = try rkt("enter", pod.uuid, "/no/such")
            #expect(enter.code == 203 && enter.errors.contains("/no/such"), "\(enter)")
            #expect(try rkt("enter", "--user=nobody-here", pod.uuid, "/bin/true").code == 254)
            try pod.stop()
        }
    }
}
