import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// What is left when pods end in other ways than by themselves, and when many start at once.
    @Suite struct Teardown {
        let machine: NetworkFixture
        let before: String

        init() throws {
            machine = try NetworkFixture()
            before = try machine.stateBetweenPods()
        }

        private var leases: [String] { machine.rkt.scratch.list("data/networks/default") }

        @Test func stoppingGivesEverythingBack() throws {
            let pod = try machine.start()
            #expect(leases == [try pod.address("ip4")])
            try pod.stop()
            #expect(leases.isEmpty)
            try machine.expectUntouched(since: before)
        }

        @Test(arguments: ["gc", "rm"])
        func whatAKilledPodLeavesIsCollected(_ command: String) throws {
            let pod = try machine.start()
            pod.execution.signal(SIGKILL)
            _ = pod.execution.finished()
            #expect(leases.count == 1)
            let outcome =
                command == "gc"
                ? try machine.rkt("gc", "--grace-period=0s") : try machine.rkt("rm", pod.uuid)
            #expect(outcome.succeeded, "\(outcome)")
            #expect(leases.isEmpty)
            try machine.expectUntouched(since: before)
        }

        @Test func aKilledPodsAddressIsFreeWithoutCollecting() throws {
            let flags = ["--net=default:IP=172.16.20.9"]
            let pod = try machine.start(flags)
            pod.execution.signal(SIGKILL)
            _ = pod.execution.finished()
            let gone = try eventually {
                try !machine.host("ip route").contains("172.16.20.9")
            }
            #expect(gone)
            #expect(try machine.run(flags, "true").succeeded)
        }

        @Test func afterARebootLeasesAreCollected() throws {
            let pod = try machine.start()
            let address = try pod.address("ip4")
            pod.execution.signal(SIGKILL)
            _ = pod.execution.finished()
            // Another namespace of the same name is what a machine looks like that has just started.
            let rebooted = try TestHost()
            let gc = try withExtendedLifetime(rebooted) {
                try Execution(
                    rebooted.prefix
                        + [Rkt.program, "--dir=\(machine.rkt.data)", "gc", "--grace-period=0s"]
                ).finished()
            }
            #expect(gc.succeeded, "\(gc)")
            #expect(!leases.contains(address))
        }

        @Test func collectingSparesRunningPods() throws {
            let pod = try machine.start()
            #expect(try machine.rkt("gc", "--grace-period=0s").succeeded)
            #expect(leases == [try pod.address("ip4")])
            #expect(try machine.host("nft list tables").contains("inet rkt"))
            let outcome = try machine.rkt("enter", pod.uuid, "/bin/sh", "-c", get("10.99.0.2"))
            #expect(outcome.text == "you are 10.99.0.1", "\(outcome)")
            try pod.stop()
        }

        @Test func fiftyPodsAtOnceHaveFiftyAddresses() throws {
            // Half of them know nothing of the leases of the other half.
            let other = try Rkt([SharedFiles.busyboxACI.get()], on: machine.host)
            let script = "/bin/busybox ip -o -4 addr show eth0; \(get("10.99.0.2"))"
            let starts = try (0..<50).map { index in
                try (index.isMultiple(of: 2) ? machine.rkt : other).start(
                    [
                        "run", busybox, "--exec=/bin/sh", "--", "-c",
                        "\(script); /bin/busybox sleep 2",
                    ]
                )
            }
            let outcomes = starts.map { $0.finished(within: 90) }
            for outcome in outcomes {
                #expect(outcome.succeeded && outcome.output.contains("you are"), "\(outcome)")
            }
            let addresses = Set(
                outcomes.compactMap { $0.output.split(separator: " ").dropFirst(3).first }
            )
            #expect(addresses.count == 50)
            #expect(leases.isEmpty)
            try machine.expectUntouched(since: before)
        }

        @Test func manyPodsRunAtOnce() throws {
            let first = try machine.start([], "exec /bin/busybox httpd -f -p 80 -h /etc")
            let rules = try machine.host("nft list ruleset")
            let pods = try (1..<Machine.crowd).map { _ in try machine.start() }
            #expect(Set(leases).count == Machine.crowd)
            // No pod costs others a rule, and the last one reaches the first one and the outside.
            #expect(try machine.host("nft list ruleset") == rules)
            let script = [
                get("10.99.0.2"), get(try first.address("ip4"), 80, path: "/hostname"),
                get(try first.address("ip6"), 80, path: "/hostname"),
            ].joined(separator: "; ")
            let last = try machine.run([], script)
            let name = "rkt-\(first.uuid)"
            #expect(last.lines == ["you are 10.99.0.1", name, name], "\(last)")
            for pod in pods + [first] { pod.execution.signal(SIGTERM) }
            for pod in pods + [first] { _ = pod.execution.finished(within: 60) }
            #expect(leases.isEmpty)
            try machine.expectUntouched(since: before, within: Double(10 + Machine.crowd / 20))
        }

        @Test func manyCyclesLeaveNothing() throws {
            for _ in 0..<Machine.cycles { #expect(try machine.run([], "true").succeeded) }
            #expect(leases.isEmpty)
            try machine.expectUntouched(since: before)
        }
    }
}
