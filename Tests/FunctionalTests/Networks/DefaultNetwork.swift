import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// The network of pods that ask for none in particular.
    @Suite struct DefaultNetwork {
        let machine: NetworkFixture

        init() throws { machine = try NetworkFixture() }

        @Test(arguments: [[], ["--net"], ["--net=default"]])
        func podsReachTheOutsideAsTheHost(_ flags: [String]) throws {
            let outcome = try machine.run(flags, "\(get("10.99.0.2")); \(get("2001:db8:99::2"))")
            #expect(outcome.lines == ["you are 10.99.0.1", "you are 2001:db8:99::1"], "\(outcome)")
        }

        @Test func datagramsLeaveAsTheHostsToo() throws {
            _ = try machine.run(
                [],
                "/bin/busybox timeout 1 /bin/busybox tftp -g -r x 10.99.0.2 8000"
            )
            #expect(machine.server.callers.first == "10.99.0.1")
        }

        @Test func nothingStaysBehind() throws {
            let before = try machine.stateBetweenPods()
            #expect(try machine.run([], get("10.99.0.2")).succeeded)
            try machine.expectUntouched(since: before)
            #expect(machine.rkt.scratch.list("data/networks/default").isEmpty)
        }

        @Test func podsReachEachOtherAndTheHost() throws {
            let pod = try machine.start([], "exec /bin/busybox httpd -f -p 80 -h /etc")
            let (four, six) = (try pod.address("ip4"), try pod.address("ip6"))
            let script = [four, six].map { get($0, 80, path: "/hostname") }.joined(separator: "; ")
            let outcome = try machine.run([], script)
            #expect(outcome.lines == Array(repeating: "rkt-\(pod.uuid)", count: 2), "\(outcome)")
            #expect(try machine.host(get(four, 80, path: "/hostname")) == "rkt-\(pod.uuid)\n")
            try pod.stop()
        }

        @Test func listStatusAndFileTellTheAddresses() throws {
            let pod = try machine.start()
            let four = try pod.address("ip4")
            #expect(four.hasPrefix("172.16."))
            #expect(try machine.rkt("list").output.contains("default:ip4=\(four), default:ip6=fd"))
            let file = machine.rkt.scratch.read("data/pods/run/\(pod.uuid)/net-info.json")
            let list = try JSONSerialization.jsonObject(with: Data(try #require(file).utf8))
            let network = try #require((list as? [[String: Any]])?.first)
            #expect(network["netName"] as? String == "default")
            #expect(network["ifName"] as? String == "eth0")
            #expect(network["ip"] as? String == four)
            #expect(network["mask"] as? String == "255.255.240.0")
            let status = try machine.rkt("status", "--format=json", pod.uuid).output
            #expect(status.contains("\"ip\":\"\(four)\""), "\(status)")
            try pod.stop()
        }

        @Test func enterFindsTheSameNetwork() throws {
            let pod = try machine.start()
            let four = try pod.address("ip4")
            let outcome = try machine.rkt("enter", pod.uuid, "/bin/busybox", "ip", "-o", "addr")
            #expect(outcome.output.contains(four), "\(outcome)")
            try pod.stop()
        }

        @Test func preparedPodsGetItToo() throws {
            let uuid = try machine.rkt.prepare([
                busybox, "--exec=/bin/sh", "--", "-c", get("10.99.0.2"),
            ])
            let outcome = try machine.rkt("run-prepared", uuid)
            #expect(outcome.text == "you are 10.99.0.1", "\(outcome)")
        }

        @Test func anAddressCanBeAskedFor() throws {
            let pod = try machine.start(["--net=default:IP=172.16.20.7"])
            #expect(try pod.address("ip4") == "172.16.20.7")
            let second = try machine.run(["--net=default:IP=172.16.20.7"], "true")
            #expect(second.code == 254)
            #expect(second.errors.contains("172.16.20.7 is in use by pod \"\(pod.uuid)\""))
            for wrong in ["IP=172.16.28.1", "IP=1.2.3.4", "IP=x", "MAC=1"] {
                let outcome = try machine.run(["--net=default:\(wrong)"], "true")
                #expect(outcome.code == 254, "\(outcome)")
            }
            try pod.stop()
        }

        @Test func aRouteOfTheHostsIsInTheWay() throws {
            try machine.host("ip route add 172.16.0.0/12 via 10.99.0.2")
            let outcome = try machine.run([], "true")
            #expect(outcome.code == 254)
            #expect(
                outcome.errors.contains("route to 172.16.0.0/12 leads to \"wire0\""),
                "\(outcome)"
            )
            #expect(machine.rkt.scratch.list("data/networks/default").isEmpty)
        }

        /// The list of routes is only looked at by the first pod; every address is.
        @Test func aRouteOfTheHostsGetsInTheWayLater() throws {
            let pod = try machine.start()
            try machine.host("ip route add 172.16.20.0/24 via 10.99.0.2")
            let outcome = try machine.run(["--net=default:IP=172.16.20.5"], "true")
            #expect(outcome.code == 254)
            #expect(
                outcome.errors.contains("route to 172.16.20.0/24 leads to \"wire0\""),
                "\(outcome)"
            )
            #expect(machine.rkt.scratch.list("data/networks/default") == [try pod.address("ip4")])
            try pod.stop()
        }

        /// Administrators save their host's rules while pods run, and load them at the next boot.
        @Test func theHostsRulesCanBeSavedAndLoaded() throws {
            let pod = try machine.start(["--port=8080:80", "--port=10.99.0.1:8081:81/udp"])
            let rules = try machine.host("nft list ruleset | tee '\(machine.rkt.scratch("rules"))'")
            #expect(rules.contains("8080") && rules.contains("8081"), "\(rules)")
            try machine.host("nft --check --file '\(machine.rkt.scratch("rules"))'")
            try pod.stop()
        }

        @Test func aHostWithoutVersionSixHasPodsWithout() throws {
            try machine.host(
                """
                echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
                echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
                """
            )
            let outcome = try machine.run([], "\(get("10.99.0.2")); /bin/busybox ip -o addr")
            #expect(outcome.output.contains("you are 10.99.0.1"), "\(outcome)")
            #expect(!outcome.output.contains("fd"), "\(outcome)")
        }

        @Test func unknownNetworksAreRefusedByName() throws {
            let outcome = try machine.run(["--net=default,x,y"], "true")
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains("networks not found: x, y"), "\(outcome)")
        }
    }
}
