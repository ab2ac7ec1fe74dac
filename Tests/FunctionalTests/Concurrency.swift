import Foundation
import TestSupport
import Testing

extension Functional {
    /// Many at once, and many killed.
    @Suite(.tags(.slow)) struct Crowds {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        @Test func fiftyPodsAtOnce() throws {
            let pods = try (0..<50).map { number in
                try rkt.start(
                    ["run", "--net=none", busybox, "--exec=/bin/echo", "--", "pod \(number)"]
                )
            }
            for (number, pod) in pods.enumerated() {
                let outcome = pod.finished(within: 60)
                #expect(outcome.text == "pod \(number)" && outcome.succeeded, "\(outcome)")
            }
            #expect(rkt.pods(in: "run").count == 50)
            #expect(try rkt("gc", "--grace-period=0s").succeeded)
            #expect(rkt.pods(in: "run").isEmpty && rkt.pods(in: "exited-garbage").isEmpty)
        }

        @Test func manyImportsOfOneImageAreOneImage() throws {
            let rkt = try Rkt()
            let file = try SharedFiles.busyboxACI.get()
            let imports = try (0..<8).map { _ in
                try rkt.start(["--insecure-options=image", "fetch", file])
            }
            let ids = Set(imports.map { $0.finished().text })
            #expect(ids.count == 1, "\(ids)")
            #expect(try rkt("image", "list", "--no-legend").lines.count == 1)
        }

        /// R17, R18, R20: a kill at any moment leaves nothing that gc can't take away.
        @Test func twoHundredKillsLeaveNothing() throws {
            let before = Leftovers.now()
            var random = SystemRandomNumberGenerator()
            for round in 0..<100 {
                let pods = try (0..<2).map { _ in
                    try rkt.start(["run", "--net=none", busybox, "--exec=/bin/sleep", "--", "600"])
                }
                usleep(UInt32.random(in: 0..<(round % 2 == 0 ? 12_000 : 60_000), using: &random))
                for pod in pods { pod.signal(SIGKILL) }
                for pod in pods { pod.finished() }
            }
            #expect(eventually { rkt.pods(in: "run").allSatisfy { isUnlocked("run/\($0)") } })
            let gc = try rkt("gc", "--grace-period=0s", "--expire-prepared=0s", within: 60)
            #expect(gc.succeeded, "\(gc)")
            _ = try rkt("gc", "--grace-period=0s", "--expire-prepared=0s", within: 60)
            for phase in ["embryo", "prepare", "prepared", "run", "exited-garbage", "garbage"] {
                #expect(rkt.pods(in: phase).isEmpty, "\(phase)")
            }
            var left: [String] = []
            _ = eventually(within: 5) {
                left = Leftovers.now().new(since: before)
                return left.isEmpty
            }
            #expect(left.isEmpty)
        }

        private func isUnlocked(_ pod: String) -> Bool {
            let path = rkt.scratch("data/pods/\(pod)")
            return (try? tool("flock", "--nonblock", "--shared", path, "true")) != nil
        }

        @Test func killedImportsLeaveNothingVisible() throws {
            let rkt = try Rkt()
            let file = try SharedFiles.busyboxACI.get()
            for delay in stride(from: 0, to: 40_000, by: 2000) {
                let fetch = try rkt.start(["--insecure-options=image", "fetch", file])
                usleep(UInt32(delay))
                fetch.signal(SIGKILL)
                fetch.finished()
                let images = try rkt("image", "list", "--no-legend")
                #expect(images.succeeded && images.lines.count <= 1, "\(images)")
            }
            try rkt.fetch(file)
            #expect(try rkt.shell("echo whole").text == "whole")
        }
    }
}
