import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// Ports for datagrams that lead to pods.
    @Suite struct Datagrams {
        let machine: NetworkFixture

        init() throws { machine = try NetworkFixture() }

        /// A pod with a server, which answers each datagram at two ports with the server's name.
        private final class Server {
            let pod: BackgroundPod
            private let answering: Execution

            init(_ name: String, _ machine: NetworkFixture, _ flags: [String]) throws {
                pod = try machine.start(flags)
                let app = try #require(pod.startedApps.first.flatMap(pod.pid))
                answering = try Execution(
                    [
                        "/usr/bin/nsenter", "--net=/proc/\(app)/ns/net", "/usr/bin/python3", "-u",
                        "-c",
                    ]
                        + [Self.script, name]
                )
                let isReady = eventually { [answering] in answering.output.contains("ready") }
                #expect(isReady, "\(answering.errors)")
            }

            /// Ends both; the server's process keeps the pod's namespace otherwise.
            func stop() throws {
                answering.signal(SIGKILL)
                _ = answering.finished()
                try pod.stop()
            }

            /// Ends both in a hurry.
            func kill() {
                for execution in [answering, pod.execution] {
                    execution.signal(SIGKILL)
                    _ = execution.finished()
                }
            }

            private static let script = """
                import select, socket, sys
                sockets = []
                for port in (53, 54):
                    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
                    server.bind(("::", port))
                    sockets.append(server)
                print("ready")
                while True:
                    for server in select.select(sockets, [], [])[0]:
                        text, caller = server.recvfrom(2000)
                        answer = "%s %d %s" % (sys.argv[1], server.getsockname()[1], text.decode())
                        server.sendto(answer.encode(), caller)
                """
        }

        /// Asks from a fixed port and prints what answers, asking again until it is from `wanted`.
        private func ask(
            _ host: TestHost,
            _ address: String,
            _ port: Int = 5353,
            from own: Int = 0,
            until wanted: String = "",
            for seconds: Int = 5
        ) throws -> String {
            let script = """
                import socket, sys, time
                address, port, own, wanted, seconds = sys.argv[1:]
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                caller = socket.socket(family, socket.SOCK_DGRAM)
                caller.bind(("", int(own)))
                caller.settimeout(0.3)
                end, answer = time.time() + int(seconds), "nothing"
                while time.time() < end:
                    try:
                        caller.sendto(b"hello", (address, int(port)))
                        answer, peer = caller.recvfrom(2000)
                        answer = answer.decode() + " from " + peer[0]
                        if wanted in answer:
                            break
                    except OSError:
                        pass
                print(answer)
                """
            return try python(
                script,
                [address, "\(port)", "\(own)", wanted, "\(seconds)"],
                on: host
            )
        }

        private func python(
            _ script: String,
            _ arguments: [String] = [],
            on host: TestHost
        ) throws -> String {
            let command = host.prefix + ["/usr/bin/python3", "-c", script] + arguments
            let outcome = try Execution(command).finished()
            try #require(outcome.succeeded, "\(outcome)")
            return outcome.text
        }

        @Test func datagramsComeFromEverywhereAndAreAnswered() throws {
            let server = try Server("one", machine, ["--port=5353:53/udp", "--port=5354:54/udp"])
            for address in ["10.99.0.1", "2001:db8:99::1"] {
                for host in [machine.outside, machine.host] {
                    #expect(try ask(host, address) == "one 53 hello from \(address)")
                }
            }
            #expect(try ask(machine.outside, "10.99.0.1", 5354) == "one 54 hello from 10.99.0.1")
            for address in ["127.0.0.1", "127.1.2.3"] {
                #expect(try ask(machine.host, address) == "one 53 hello from \(address)")
            }
            try server.stop()
        }

        @Test func portsInARowLeadToAsMany() throws {
            let ports = [["name": "many", "protocol": "udp", "port": 53, "count": 2]]
            let aci = try ACI(busybox, exec: ["/bin/sh"], app: ["ports": ports])
            try machine.rkt.fetch(try aci.write(in: machine.rkt.scratch))
            let server = try Server("one", machine, ["--port=many:10.99.0.1:5353"])
            for offset in 0..<2 {
                #expect(
                    try ask(machine.outside, "10.99.0.1", 5353 + offset)
                        == "one \(53 + offset) hello from 10.99.0.1"
                )
            }
            try server.stop()
        }

        @Test(.requiresForgetting, arguments: [true, false])
        func whoGoesOnSendingReachesThePodsSuccessor(isStopped: Bool) throws {
            // Another pod keeps the host's rules, and with them the kernel's memory of connections.
            let keeper = try machine.start()
            let flags = ["--port=5353:53/udp"]
            let first = try Server("one", machine, flags)
            for (host, address) in [(machine.outside, "10.99.0.1"), (machine.host, "127.0.0.1")] {
                #expect(try ask(host, address, from: 4444).hasPrefix("one"))
            }
            if isStopped { try first.stop() } else { first.kill() }
            let second = try Server("two", machine, flags)
            for (host, address) in [(machine.outside, "10.99.0.1"), (machine.host, "127.0.0.1")] {
                #expect(try ask(host, address, from: 4444, until: "two").hasPrefix("two"))
            }
            try second.stop()
            try keeper.stop()
        }

        @Test(.requiresForgetting) func whoSentBeforeThePodWasThereReachesIt() throws {
            let keeper = try machine.start()
            #expect(try ask(machine.outside, "10.99.0.1", from: 4444, for: 1) == "nothing")
            let server = try Server("one", machine, ["--port=5353:53/udp"])
            #expect(try ask(machine.outside, "10.99.0.1", from: 4444).hasPrefix("one"))
            try server.stop()
            try keeper.stop()
        }

        @Test func theLoopbackAddressOfVersionSixLeadsToThePodToo() throws {
            let server = try Server(
                "one",
                machine,
                ["--port=5353:53/udp", "--port=[::1]:5354:54/udp"]
            )
            #expect(try ask(machine.host, "::1") == "one 53 hello from ::1")
            #expect(try ask(machine.host, "::1", 5354) == "one 54 hello from ::1")
            #expect(try ask(machine.host, "2001:db8:99::1", 5354, for: 1) == "nothing")
            try server.stop()
        }
    }
}
