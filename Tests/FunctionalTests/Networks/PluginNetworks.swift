import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// Networks that CNI plugins make, described in `net.d`.
    @Suite(.enabled(if: File.exists("/usr/lib/cni/bridge"), "needs containernetworking-plugins"))
    struct PluginNetworks {
        let machine: NetworkFixture

        init() throws {
            _ = try Machine.interfacesBeforePlugins()
            machine = try NetworkFixture()
        }

        private var scratch: Scratch { machine.rkt.scratch }
        private var configuration: String { "--local-config=\(scratch("conf"))" }

        /// Describes a network; leases stay in the test's own directory.
        private func describe(_ file: String, _ text: String) throws {
            try scratch.write(text, to: "conf/net.d/\(file)")
            try machine.keepLeases(of: "conf/net.d/\(file)")
        }

        private func leases(_ network: String) -> [String] {
            scratch.list("leases/\(network)").filter { $0 != "lock" && !$0.hasPrefix("last_") }
        }

        private func run(_ flags: [String], _ script: String) throws -> Outcome {
            try machine.run([configuration] + flags, script)
        }

        private static let ptp = """
            {"cniVersion":"0.4.0","name":"wire","type":"ptp","ipMasq":true,
             "ipam":{"type":"host-local","subnet":"10.60.0.0/24","routes":[{"dst":"0.0.0.0/0"}]},
             "dns":{"nameservers":["10.60.0.1"],"search":["wire.test"],"options":["ndots:3"]}}
            """
        private static let bridge = """
            {"cniVersion":"1.0.0","name":"lan","plugins":[
             {"type":"bridge","bridge":"lan0","isGateway":true,"ipMasq":true,"hairpinMode":true,
              "capabilities":{"ips":true,"mac":true},
              "ipam":{"type":"host-local","subnet":"10.61.0.0/24","routes":[{"dst":"0.0.0.0/0"}]}},
             {"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"},
             {"type":"tuning","mtu":1400},{"type":"bandwidth","capabilities":{"bandwidth":true}}]}
            """
        private static let macvlan = """
            {"cniVersion":"0.3.1","name":"outer","type":"macvlan","master":"wire0",
             "ipam":{"type":"static","addresses":[{"address":"10.99.0.77/24"}]}}
            """
        private static let asked = """
            {"cniVersion":"1.0.0","name":"asked","plugins":[
             {"type":"macvlan","master":"wire0","capabilities":{"ips":true},"ipam":{"type":"static"}},
             {"type":"tuning","capabilities":{"mac":true}}]}
            """

        @Test(arguments: [
            ("wire", ptp, "10.99.0.1"), ("lan", bridge, "10.99.0.1"),
            ("outer", macvlan, "10.99.0.77"),
        ])
        func podReachesTheOutsideThrough(name: String, text: String, seenAs: String) throws {
            try describe("10-\(name).conf\(text.contains("\"plugins\"") ? "list" : "")", text)
            let outcome = try run(["--net=\(name)"], get("10.99.0.2"))
            #expect(outcome.text == "you are \(seenAs)", "\(outcome)")
            #expect(leases(name).isEmpty)
            let links = try machine.host("ip -o link")
            #expect(!links.contains("veth"))
        }

        @Test func staticAddressAndTunedHardwareAddressAreAskedFor() throws {
            try describe("10-asked.conflist", Self.asked)
            let script = "/bin/busybox ip link show eth0; \(get("10.99.0.2"))"
            let outcome = try run(
                ["--net=asked:IP=10.99.0.78/24;MAC=02:00:00:00:00:78"],
                script
            )
            #expect(outcome.output.contains("02:00:00:00:00:78"), "\(outcome)")
            #expect(outcome.lines.last == "you are 10.99.0.78")
        }

        @Test(.enabled(if: Machine.has("busybox"), "needs busybox's DHCP server"))
        func addressComesFromADHCPServer() throws {
            try scratch.write("", to: "udhcpd.leases")
            try scratch.write(
                """
                start 10.99.0.100
                end 10.99.0.120
                interface wire0
                pidfile \(scratch("udhcpd.pid"))
                lease_file \(scratch("udhcpd.leases"))
                option subnet 255.255.255.0
                option lease 600
                """,
                to: "udhcpd.conf"
            )
            let server = try machine.outside.start(
                "exec busybox udhcpd -f '\(scratch("udhcpd.conf"))'"
            )
            let socket = scratch("dhcp.sock")
            let daemon = try machine.host.start(
                "exec /usr/lib/cni/dhcp daemon -socketpath '\(socket)'"
            )
            defer { for process in [daemon, server] { process.signal(SIGTERM) } }
            #expect(eventually { File.exists(socket) })
            try describe(
                "10-leased.conf",
                """
                {"cniVersion":"1.0.0","name":"leased","type":"macvlan","master":"wire0",
                 "ipam":{"type":"dhcp","daemonSocketPath":"\(socket)"}}
                """
            )
            let outcome = try run(["--net=leased"], get("10.99.0.2"))
            #expect(
                outcome.text.hasPrefix("you are 10.99.0.1") && outcome.text.count > 17,
                "\(outcome)"
            )
        }

        @Test func podIsOnTheNetworkItAskedFor() throws {
            try describe("10-lan.conflist", Self.bridge)
            let flags = [
                "--net=lan:IP=10.61.0.77;MAC=02:00:00:00:00:77;ingressRate=100M;ingressBurst=8M;"
                    + "egressRate=50M;egressBurst=8M"
            ]
            let pod = try machine.start([configuration] + flags)
            #expect(try pod.address("ip4", network: "lan") == "10.61.0.77")
            let link = try machine.rkt(
                "enter",
                pod.uuid,
                "/bin/busybox",
                "ip",
                "link",
                "show",
                "eth0"
            )
            #expect(link.output.contains("02:00:00:00:00:77"), "\(link)")
            #expect(link.output.contains("mtu 1400"))
            // What comes goes through the pod's own interface, what it sends through one made for that (ifb).
            let limits = try machine.host("tc qdisc show")
            #expect(limits.contains("rate 100Mbit") && limits.contains("rate 50Mbit"), "\(limits)")
            let second = try run(flags, "true")
            #expect(second.code == 254 && second.errors.contains("10.61.0.77"), "\(second)")
            let inspect = try machine.rkt("network", "inspect", configuration, "lan")
            #expect(inspect.output.contains("pod-\(pod.uuid.prefix(8))=10.61.0.77"), "\(inspect)")
            try pod.stop()
            #expect(leases("lan").isEmpty)
            #expect(try !machine.host("iptables-save").contains("10.61.0.77"))
        }

        @Test func portsLeadToAPodOnPlugins() throws {
            try describe("10-lan.conflist", Self.bridge)
            let pod = try machine.start(
                [configuration, "--net=lan", "--port=8080:80"],
                "exec /bin/busybox httpd -f -p 80 -h /etc"
            )
            let page = get("10.99.0.1", 8080, path: "/hostname")
            var text = ""
            _ = eventually {
                text = (try? machine.outside(page)) ?? ""
                return !text.isEmpty
            }
            #expect(text == "rkt-\(pod.uuid)\n")
            try pod.stop()
            #expect(try !machine.host("iptables-save").contains("8080"))
        }

        @Test func networkTellsHowNamesAreFound() throws {
            try describe("10-wire.conf", Self.ptp)
            let file = "cat /etc/resolv.conf"
            let outcome = try run(["--net=wire"], file)
            #expect(
                outcome.lines.filter { !$0.hasPrefix("#") } == [
                    "search wire.test", "nameserver 10.60.0.1", "options ndots:3",
                ],
                "\(outcome)"
            )
            let flag = try run(["--net=wire", "--dns=192.0.2.1"], file)
            #expect(flag.output.contains("nameserver 192.0.2.1") && !flag.output.contains("10.60"))
        }

        @Test func interfacesAreInTheOrderOfFiles() throws {
            try describe("20-wire.conf", Self.ptp)
            try describe("10-lan.conflist", Self.bridge)
            let script = "for i in 0 1; do /bin/busybox ip -o -4 addr show dev eth$i; done"
            let outcome = try run(["--net=wire,lan"], script)
            #expect(outcome.lines.first?.contains("10.61.0.") == true, "\(outcome)")
            #expect(outcome.lines.last?.contains("10.60.0.") == true)
        }

        /// Plugins look up which addresses the rules are for in the pod's namespace.
        @Test(arguments: [
            "ip addr flush dev eth0",
            "ip link set eth0 down; /bin/busybox ip link set eth0 name x0",
        ])
        func podThatHidesItsAddressesLeavesNoRules(script: String) throws {
            try describe("10-lan.conflist", Self.bridge)
            let outcome = try machine.rkt(
                "run",
                configuration,
                "--net=lan",
                "--port=8080:80",
                busybox,
                "--caps-retain=CAP_NET_ADMIN",
                "--exec=/bin/sh",
                "--",
                "-c",
                "/bin/busybox \(script)"
            )
            #expect(outcome.succeeded, "\(outcome)")
            #expect(leases("lan").isEmpty)
            #expect(try !machine.host("iptables-save").contains("10.61.0."))
            // Under another name it goes with the pod's namespace, a moment later.
            #expect(try eventually { try !machine.host("ip -o link").contains("veth") })
        }

        @Test func deviceOfTheHostComesBack() throws {
            try machine.host("ip link add nic0 type veth peer name nic1")
            try describe(
                "10-nic.conf",
                """
                {"cniVersion":"1.0.0","name":"nic","type":"host-device","device":"nic0",
                 "ipam":{"type":"static","addresses":[{"address":"10.65.0.2/24"}]}}
                """
            )
            let flags = ["--net=nic,default"]
            for _ in 0..<2 {
                let outcome = try run(flags, "/bin/busybox ip -o -4 addr show dev eth0")
                #expect(outcome.output.contains("10.65.0.2"), "\(outcome)")
                #expect(try machine.host("ip -o link").contains("nic0"))
            }
            // Also when the pod can't be started after all.
            let wrong = try run(
                flags + ["--port=8080:80", "--net=default-restricted:IP=1.1.1.1"],
                "true"
            )
            #expect(wrong.code == 254)
            #expect(try machine.host("ip -o link").contains("nic0"))
        }

        @Test func firstNetworkThatLeadsEverywhereDoes() throws {
            try describe("10-wire.conf", Self.ptp)
            let outcome = try run(
                ["--net=wire,default"],
                "/bin/busybox ip route; \(get("10.99.0.2"))"
            )
            let ways = outcome.lines.filter { $0.hasPrefix("default") }
            #expect(ways == ["default via 10.60.0.1 dev eth0 "], "\(outcome)")
            #expect(outcome.lines.last == "you are 10.99.0.1")
        }

        @Test func fileTakesThePlaceOfTheBuiltInNetwork() throws {
            try describe(
                "10-own.conf",
                Self.ptp.replacingOccurrences(of: #""name":"wire""#, with: #""name":"default""#)
            )
            let outcome = try run([], "/bin/busybox ip -o -4 addr show dev eth0")
            #expect(outcome.output.contains("10.60.0."), "\(outcome)")
        }

        @Test func unknownNetworksAreNamed() throws {
            let outcome = try run(["--net=x,default,y"], "true")
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains("networks not found: x, y"), "\(outcome)")
        }

        @Test func failedChainLeavesNothing() throws {
            try describe(
                "10-half.conflist",
                """
                {"cniVersion":"1.0.0","name":"half","plugins":[
                 {"type":"ptp","ipam":{"type":"host-local","subnet":"10.62.0.0/24"}},
                 {"type":"tuning","sysctl":{"net.ipv4.conf.nothing.like_this":"1"}}]}
                """
            )
            let outcome = try run(["--net=half"], "true")
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains("plugin \"tuning\" failed (ADD)"), "\(outcome)")
            #expect(leases("half").isEmpty)
            #expect(try !machine.host("ip -o link").contains("veth"))
        }

        @Test(arguments: [false, true])
        func whatAKilledPodLeavesIsCollected(afterReboot: Bool) throws {
            try describe("10-lan.conflist", Self.bridge)
            let pod = try machine.start([configuration, "--net=lan", "--port=8080:80"])
            pod.execution.signal(SIGKILL)
            _ = pod.execution.finished()
            #expect(leases("lan").count == 1)
            // The file may be gone by then: the pod keeps what it was made with.
            try FileManager.default.removeItem(atPath: scratch("conf/net.d/10-lan.conflist"))
            let host = afterReboot ? try TestHost() : machine.host
            let gc = try withExtendedLifetime(host) {
                try Execution(
                    host.prefix + [
                        Rkt.program, "--dir=\(machine.rkt.data)", "gc", configuration,
                        "--grace-period=0s",
                    ]
                ).finished()
            }
            #expect(gc.succeeded && !gc.errors.contains("failed"), "\(gc)")
            #expect(leases("lan").isEmpty)
            #expect(machine.rkt.pods(in: "exited-garbage").isEmpty)
            if !afterReboot { #expect(try !machine.host("iptables-save").contains("8080")) }
        }

        @Test func networkOfOneCommand() throws {
            let rkt = machine.rkt
            let created = try rkt(
                "network",
                "create",
                configuration,
                "--subnet=10.63.0.0/24",
                "--ipv6=fd63::/64",
                "web"
            )
            #expect(created.text == scratch("conf/net.d/web.conflist"), "\(created)")
            try machine.keepLeases(of: "conf/net.d/web.conflist")
            #expect(
                try rkt("network", "list", configuration).output.contains("10.63.0.0/24,fd63::/64")
            )
            let pod = try machine.start(
                [configuration, "--net=web"],
                "exec /bin/busybox httpd -f -p 80 -h /etc"
            )
            let addresses = try ["ip4", "ip6"].map { try pod.address($0, network: "web") }
            #expect(addresses.first?.hasPrefix("10.63.0.") == true)
            let script = addresses.map { get($0, 80, path: "/hostname") }.joined(separator: ";")
            let client = try run(["--net=web"], "\(script); \(get("10.99.0.2"))")
            let names = Array(repeating: "rkt-\(pod.uuid)", count: 2)
            #expect(client.lines == names + ["you are 10.99.0.1"], "\(client)")
            #expect(try rkt("network", "rm", configuration, "web").code == 254)
            try pod.stop()
            #expect(leases("web").isEmpty)
            let removed = try rkt("network", "rm", configuration, "web")
            #expect(removed.succeeded, "\(removed)")
            #expect(scratch.list("conf/net.d").isEmpty)
            #expect(try !machine.host("ip -o link").contains("rkt-web"))
        }

        @Test func internalNetworkReachesItsPodsOnly() throws {
            let create = [
                "network", "create", configuration, "--subnet=10.64.0.0/24", "--internal", "vault",
            ]
            #expect(try machine.rkt(create).succeeded)
            try machine.keepLeases(of: "conf/net.d/vault.conflist")
            let pod = try machine.start(
                [configuration, "--net=vault"],
                "exec /bin/busybox httpd -f -p 80 -h /etc"
            )
            let address = try pod.address("ip4", network: "vault")
            let script = "\(get(address, 80, path: "/hostname")); \(get("10.99.0.2"))"
            let client = try run(["--net=vault"], script)
            #expect(client.lines == ["rkt-\(pod.uuid)"], "\(client)")
            try pod.stop()
        }

        @Test func subnetThatTheHostReachesElsewhereIsRefused() throws {
            let outcome = try machine.rkt(
                "network",
                "create",
                configuration,
                "--subnet=10.99.0.128/25",
                "clash"
            )
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains("overlaps 10.99.0.0/24"), "\(outcome)")
            #expect(outcome.errors.contains("\"wire0\""))
            #expect(scratch.list("conf/net.d").isEmpty)
        }

        @Test func brokenAndBuiltInNetworksAreNotRemoved() throws {
            #expect(try machine.rkt("network", "rm", configuration, "default").code == 254)
            #expect(try machine.rkt("network", "rm", configuration, "nothing").code == 254)
            try describe("10-broken.conf", "{}")
            let list = try machine.rkt("network", "list", configuration)
            #expect(list.succeeded && list.errors.contains("name: missing"), "\(list)")
            #expect(list.output.contains("default-restricted"))
        }
    }
}
