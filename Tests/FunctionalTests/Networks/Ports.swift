import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// Ports of the host that lead to pods.
    @Suite struct Ports {
        let machine: NetworkFixture

        init() throws { machine = try NetworkFixture() }

        private static let web =
            "echo hello > /tmp/index.html; exec /bin/busybox httpd -f -p 80 -h /tmp"

        private func expectHello(
            _ pod: BackgroundPod,
            _ host: TestHost,
            _ address: String,
            _ port: Int = 8080
        ) throws {
            let answer = eventually(within: 5) {
                (try? host(get(address, port, path: "/index.html"))) == "hello\n"
            }
            #expect(answer, "\(address):\(port)\n\(pod.execution.errors)")
        }

        @Test func aPortIsReachedFromEverywhere() throws {
            let before = try machine.host.state()
            let pod = try machine.start(["--port=8080:80"], Self.web)
            // From outside, from the host itself, and through its loopback addresses.
            for address in ["10.99.0.1", "2001:db8:99::1"] {
                try expectHello(pod, machine.outside, address)
                try expectHello(pod, machine.host, address)
            }
            for address in ["127.0.0.1", "127.1.2.3", "::1"] {
                try expectHello(pod, machine.host, address)
            }
            // From another pod and from the pod itself, by the host's address.
            for script in [get("10.99.0.1", 8080, path: "/index.html")] {
                #expect(try machine.run([], script).text == "hello")
                let own = try machine.rkt("enter", pod.uuid, "/bin/sh", "-c", script)
                #expect(own.text == "hello", "\(own)")
            }
            try pod.stop()
            #expect(try machine.host("nft list tables").isEmpty)
            #expect(!before.isEmpty)
        }

        @Test func namesOfTheImageAndAddressesAreUnderstood() throws {
            let rkt = try Rkt([], on: machine.host)
            let ports = [
                ["name": "web", "protocol": "tcp", "port": 80],
                ["name": "many", "protocol": "udp", "port": 100, "count": 3],
            ]
            let aci = try ACI(busybox, exec: ["/bin/sh"], app: ["ports": ports])
            try rkt.fetch(try aci.write(in: rkt.scratch))
            let flags = ["--port=web:10.99.0.1:8081", "--port=web:[2001:db8:99::1]:8082"]
            let pod = try rkt.startPod(
                flags + ["--port=many:2000", busybox, "--exec=/bin/sh", "--", "-c", Self.web]
            )
            try expectHello(pod, machine.outside, "10.99.0.1", 8081)
            try expectHello(pod, machine.outside, "2001:db8:99::1", 8082)
            let rules = try machine.host("nft --numeric list map inet rkt any-ports4")
            for port in 0..<3 {
                #expect(rules.contains("17 . \(2000 + port) : 172.16."), "\(rules)")
                #expect(rules.contains(" . \(100 + port)"), "\(rules)")
            }
            try pod.stop()
            let unknown = try rkt("run", "--port=x:1", busybox)
            #expect(unknown.code == 254)
            #expect(unknown.errors.contains("port name \"x\" could not be found"), "\(unknown)")
        }

        /// One port of the host that an image's `count` makes a row of.
        @Test func aRowOfPortsLeadsToARowOfPorts() throws {
            let ports: [[String: Any]] = [
                ["name": "row", "protocol": "tcp", "port": 100, "count": 3]
            ]
            let aci = try ACI(busybox, exec: ["/bin/sh"], app: ["ports": ports])
            try machine.rkt.fetch(try aci.write(in: machine.rkt.scratch))
            let servers = (99...103).map { port in
                "mkdir /tmp/\(port); echo \(port) > /tmp/\(port)/index.html; "
                    + "/bin/busybox httpd -p \(port) -h /tmp/\(port); "
            }
            let pod = try machine.start(
                ["--port=row:2000"],
                servers.joined() + "exec /bin/busybox sleep 600"
            )
            let places: [(TestHost, [String])] = [
                (machine.outside, ["10.99.0.1", "2001:db8:99::1"]),
                (machine.host, ["10.99.0.1", "127.0.0.1", "2001:db8:99::1", "::1"]),
            ]
            for (host, addresses) in places {
                for address in addresses {
                    for offset in 0..<3 {
                        let text = get(address, 2000 + offset, path: "/index.html")
                        let isRight = eventually { (try? host(text)) == "\(100 + offset)\n" }
                        #expect(isRight, "\(address):\(2000 + offset)")
                    }
                    // Those beside them lead nowhere.
                    for port in [1999, 2003] {
                        let answer = try host(get(address, port, path: "/index.html", within: 1))
                        #expect(answer == "", "\(address):\(port)")
                    }
                }
            }
            try pod.stop()
        }

        /// A port of the loopback interface is for programs of the host.
        @Test func aPortOfTheLoopbackAddressIsTheHostsOnly() throws {
            let pod = try machine.start(
                ["--port=127.0.0.1:8080:80", "--port=[::1]:8080:80"],
                Self.web
            )
            for address in ["127.0.0.1", "::1"] { try expectHello(pod, machine.host, address) }
            for address in ["10.99.0.1", "2001:db8:99::1"] {
                let text = get(address, 8080, path: "/index.html", within: 1)
                #expect(try machine.outside(text) == "", "\(address)")
            }
            try pod.stop()
        }

        @Test func aPortInUseIsRefusedBeforeTheStart() throws {
            let server = try TestServer(on: machine.host, port: 8000)
            let host = try machine.run(["--port=8000:80"], "echo started")
            #expect(host.code == 254 && host.output.isEmpty, "\(host)")
            #expect(host.errors.contains("8000: it is in use by another pod or program"), "\(host)")
            let pod = try machine.start(["--port=8080:80"], Self.web)
            let other = try machine.run(["--port=10.99.0.1:8080:80"], "echo started")
            #expect(other.code == 254 && other.output.isEmpty, "\(other)")
            let nowhere = try machine.run(["--port=10.1.2.3:8090:80"], "true")
            #expect(nowhere.errors.contains("doesn't have this address"), "\(nowhere)")
            let twice = try machine.run(["--port=1:2", "--port=1:3"], "true")
            #expect(twice.code == 254 && twice.errors.contains("already mapped"), "\(twice)")
            try expectHello(pod, machine.outside, "10.99.0.1")
            try pod.stop()
            #expect(server.callers.isEmpty)
        }

        @Test func aKilledPodsPortIsFree() throws {
            let pod = try machine.start(["--port=8080:80"], Self.web)
            pod.execution.signal(SIGKILL)
            _ = pod.execution.finished()
            let next = try machine.start(["--port=8080:80"], Self.web)
            try expectHello(next, machine.outside, "10.99.0.1")
            // Collecting takes nothing away from the living.
            #expect(try machine.rkt("gc", "--grace-period=0s").succeeded)
            try expectHello(next, machine.outside, "10.99.0.1")
            next.execution.signal(SIGKILL)
            _ = next.execution.finished()
            let keeper = try machine.start()
            let isCollected = try eventually {
                #expect(try machine.rkt("gc", "--grace-period=0s").succeeded)
                return try !machine.host("nft list map inet rkt any-ports4").contains("elements")
            }
            #expect(isCollected)
            try keeper.stop()
        }

        @Test(arguments: ["none", "host"])
        func podsWithoutANetworkOfTheirOwnHaveNoPorts(_ network: String) throws {
            let outcome = try machine.run(["--net=\(network)", "--port=8080:80"], "true")
            #expect(outcome.code == 254, "\(outcome)")
        }

        @Test func portsOfOthersAreLeftAlone() throws {
            // A server beyond the host with a port that the host leads to a pod.
            let far = try TestServer(on: machine.outside, port: 8080)
            let pod = try machine.start(["--port=8080:80"], Self.web)
            #expect(try machine.run([], get("10.99.0.2", 8080)).text == "you are 10.99.0.1")
            #expect(far.callers.count == 1)
            try pod.stop()
        }
    }
}
