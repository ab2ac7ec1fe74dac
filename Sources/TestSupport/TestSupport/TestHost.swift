import Foundation

/// A network namespace that plays a machine: what a test does to interfaces, routes and rules happens there.
///
/// It lives as long as a process of its own in it, and leaves nothing behind.
package final class TestHost: Sendable {
    private let holder: Execution
    /// What brings a command onto the host.
    package let prefix: [String]

    /// A host without any neighbours.
    package init() throws {
        // The holder tells that it is there by bringing up the loopback interface and printing a line.
        let script = "ip link set lo up && echo ready && exec sleep 600"
        let holder = try Execution(["/usr/bin/unshare", "--net", "/bin/sh", "-c", script])
        let isReady = eventually { holder.output.contains("ready") }
        self.holder = holder
        prefix = ["/usr/bin/nsenter", "--net=/proc/\(holder.pid)/ns/net"]
        if !isReady { throw ToolFailure(outcome: holder.finished(within: 1)) }
    }

    deinit { kill(holder.pid, SIGKILL) }

    /// Runs a shell script on the host; a line that fails ends it.
    @discardableResult
    package func callAsFunction(_ script: String, within seconds: Double = 30) throws -> String {
        let outcome = try start(script).finished(within: seconds)
        guard outcome.succeeded else { throw ToolFailure(outcome: outcome) }
        return outcome.output
    }

    /// Starts a shell script on the host.
    package func start(_ script: String) throws -> Execution {
        try Execution(prefix + ["/bin/sh", "-e", "-c", script])
    }

    /// A new host on a wire to this one, which is 10.99.0.1 and 2001:db8::1; the new one is 10.99.0.2 and 2001:db8::2.
    ///
    /// - Parameter name: The interface's name on both hosts.
    package func neighbour(_ name: String = "wire0", network: Int = 99) throws -> TestHost {
        let other = try TestHost()
        try self(
            """
            ip link add \(name) type veth peer name \(name) netns \(other.holder.pid)
            ip link set \(name) addrgenmode none
            ip addr add 10.\(network).0.1/24 dev \(name)
            ip addr add 2001:db8:\(network)::1/64 dev \(name) nodad
            ip link set \(name) up
            """
        )
        try other(
            """
            ip link set \(name) addrgenmode none
            ip addr add 10.\(network).0.2/24 dev \(name)
            ip addr add 2001:db8:\(network)::2/64 dev \(name) nodad
            ip link set \(name) up
            """
        )
        return other
    }

    /// Interfaces, addresses, routes and rules, as programs print them.
    package func state() throws -> String {
        try self(
            "ip -o link; ip -o addr; ip route show table all; ip -6 route show table all; nft list ruleset"
        )
    }
}
