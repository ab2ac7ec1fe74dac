import Foundation
import TestSupport
import Testing

extension Functional {
    /// Networks of pods; each test has a machine of its own, made of network namespaces.
    @Suite(.requires("ip"), .requires("nft")) struct Networks {}
}

/// A machine with a neighbour that has a server, and pods of busybox.
struct NetworkFixture {
    let host: TestHost
    let outside: TestHost
    let server: TestServer
    let rkt: Rkt

    init() throws {
        host = try TestHost()
        outside = try host.neighbour()
        server = try TestServer(on: outside, port: 8000)
        rkt = try Rkt([SharedFiles.busyboxACI.get()], on: host)
    }

    /// Runs a script in a pod.
    func run(
        _ flags: [String] = [],
        _ script: String,
        within seconds: Double = 30
    ) throws -> Outcome {
        try rkt(
            ["run"] + flags + [busybox, "--exec=/bin/sh", "--", "-c", script],
            within: seconds
        )
    }

    /// Starts a pod that stays until it is stopped.
    func start(
        _ flags: [String] = [],
        _ script: String = "exec /bin/busybox sleep 600"
    ) throws -> BackgroundPod {
        try rkt.startPod(flags + [busybox, "--exec=/bin/sh", "--", "-c", script])
    }

    /// Has a network's leases kept in the test's own directory, not in the machine's.
    func keepLeases(of file: String) throws {
        let text = try #require(rkt.scratch.read(file))
        let own = text.replacing(
            /"type": ?"host-local"/,
            with: #""type":"host-local","dataDir":"\#(rkt.scratch("leases"))""#
        )
        try rkt.scratch.write(own, to: file)
    }

    /// What the host is like between two pods.
    ///
    /// The first pod switches on forwarding, which stays; its interface goes when the kernel buries its namespace.
    func stateBetweenPods() throws -> String {
        #expect(try run([], "true").succeeded)
        var state = ""
        let isBuried = try eventually {
            state = try host.state()
            return !state.contains("rktn")
        }
        #expect(isBuried, "\(state)")
        return state
    }

    /// The host is as it was, once the kernel has buried the pods' namespaces.
    func expectUntouched(since before: String, within seconds: Double = 10) throws {
        var now = ""
        let isSame = try eventually(within: seconds) {
            now = try host.state()
            return now == before
        }
        #expect(isSame, "\(now)\n--- before\n\(before)")
    }
}

extension BackgroundPod {
    /// An address of the pod, `ip4` or `ip6`.
    func address(_ version: String, network: String = "default") throws -> String {
        let networks = try rkt.status(uuid)["networks"] ?? ""
        let prefix = "\(network):\(version)="
        let found = networks.split(separator: ",").map { $0.drop { $0 == " " } }
            .first { $0.hasPrefix(prefix) }
        return String(try #require(found, "\(networks)").dropFirst(prefix.count))
    }
}

/// A command that asks a server by HTTP and prints the last line of the answer.
///
/// busybox's wget resolves names with what a static program lacks here.
func get(
    _ address: String,
    _ port: Int = 8000,
    path: String = "/",
    within seconds: Int = 5
) -> String {
    let request = "GET \(path) HTTP/1.0\\r\\n\\r\\n"
    return "printf '\(request)' | /bin/busybox nc -w \(seconds) \(address) \(port)"
        + " | /bin/busybox tail -n 1"
}
