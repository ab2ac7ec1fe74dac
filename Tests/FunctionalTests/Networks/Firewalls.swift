import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// Hosts whose own rules drop what nobody has told them to accept.
    @Suite(.requires("iptables-nft")) struct Firewalls {
        let machine: NetworkFixture

        init() throws { machine = try NetworkFixture() }

        private static let web =
            "echo hello > /tmp/index.html; exec /bin/busybox httpd -f -p 80 -h /tmp"
        private static let outside = get("10.99.0.2", within: 1)

        /// What a pod reaches outside, from within.
        private func reached(by pod: BackgroundPod, _ address: String) throws -> String {
            let script = get(address, within: 1)
            return try machine.rkt("enter", pod.uuid, "/bin/sh", "-c", script).text
        }

        /// What others find at a port of the host.
        private func found(at address: String) throws -> String {
            try machine.outside(get(address, 8080, path: "/index.html", within: 1))
        }

        @Test(arguments: HostFirewall.Kind.installed)
        func podsGetOutAndPortsInOnceTheHostAcceptsThem(kind: HostFirewall.Kind) throws {
            let firewall = try HostFirewall(kind, on: machine)
            let first = try firewall.rules()
            let pod = try machine.start(["--port=8080:80"], Self.web)
            let warning = pod.execution.errors
            #expect(warning.contains("keep the pod from the outside"), "\(warning)")
            #expect(warning.components(separatedBy: "warning: other rules").count == 2)
            #expect(try reached(by: pod, "10.99.0.2") == "")
            // firewalld accepts what was led elsewhere.
            let hasPorts = kind == .firewalld
            #expect(warning.contains("the outside from the pod's ports") == !hasPorts)
            #expect(try found(at: "10.99.0.1") == (hasPorts ? "hello\n" : ""))
            #expect(try firewall.rules() == first)

            try firewall.follow(warning)
            let second = try firewall.rules()
            #expect(second != first)
            #expect(try reached(by: pod, "10.99.0.2") == "you are 10.99.0.1")
            #expect(try reached(by: pod, "2001:db8:99::2") == "you are 2001:db8:99::1")
            for address in ["10.99.0.1", "2001:db8:99::1"] {
                #expect(try found(at: address) == "hello\n", "\(address)")
            }
            for address in ["127.0.0.1", "::1"] {
                let page = get(address, 8080, path: "/index.html", within: 1)
                #expect(try machine.host(page) == "hello\n", "\(address)")
            }
            let other = try machine.run(["--port=8081:80"], Self.outside)
            #expect(other.text == "you are 10.99.0.1" && !other.errors.contains("other rules"))
            try pod.stop()
            #expect(try firewall.rules() == second)
        }

        @Test(arguments: HostFirewall.Kind.installed.filter { $0 != .docker })
        func restrictedPodsReachTheHostOnceItAcceptsThem(kind: HostFirewall.Kind) throws {
            let firewall = try HostFirewall(kind, on: machine)
            let server = try TestServer(on: machine.host, port: 8000)
            let script = get("172.31.0.1", within: 1)
            let first = try machine.run(["--net=default-restricted"], script)
            #expect(first.succeeded && first.text.isEmpty, "\(first)")
            #expect(first.errors.contains("keep the pod from the host;"), "\(first)")
            try firewall.follow(first.errors)
            let rules = try firewall.rules()
            let second = try machine.run(["--net=default-restricted"], script)
            #expect(second.text.hasPrefix("you are 172.31."), "\(second)")
            #expect(!second.errors.contains("other rules"), "\(second)")
            #expect(server.callers.count == 1)
            #expect(try firewall.rules() == rules)
        }

        /// The bridge of a network of plugins is in the way of the same rules; its plugins have seen to those of iptables.
        @Test(
            .enabled(if: File.exists("/usr/lib/cni/bridge"), "needs containernetworking-plugins"),
            arguments: [HostFirewall.Kind.dropping, .iptables, .docker]
        )
        func networksOfBridgesAreLookedAtToo(kind: HostFirewall.Kind) throws {
            _ = try Machine.interfacesBeforePlugins()
            let firewall = try HostFirewall(kind, on: machine)
            let configuration = "--local-config=\(machine.rkt.scratch("conf"))"
            #expect(
                try machine.rkt(configuration, "network", "create", "--subnet=10.66.0.0/24", "lan")
                    .succeeded
            )
            try machine.keepLeases(of: "conf/net.d/lan.conflist")
            let flags = [configuration, "--net=lan"]
            let pod = try machine.start(flags + ["--port=8080:80"], Self.web)
            let warning = pod.execution.errors
            #expect(warning.contains("the outside from the pod's ports"), "\(warning)")
            #expect(warning.contains("the pod from the outside") == (kind == .dropping))
            #expect(try reached(by: pod, "10.99.0.2").isEmpty == (kind == .dropping))
            #expect(try found(at: "10.99.0.1") == "")
            try firewall.follow(warning)
            #expect(try found(at: "10.99.0.1") == "hello\n")
            #expect(try reached(by: pod, "10.99.0.2") == "you are 10.99.0.1")
            try pod.stop()
            let other = try machine.run(flags + ["--port=8080:80"], Self.outside)
            #expect(
                other.text == "you are 10.99.0.1" && !other.errors.contains("other rules"),
                "\(other)"
            )
        }

        /// The commands of the manual, as they stand there.
        @Test(arguments: [
            (HostFirewall.Kind.dropping, "nft insert"), (.iptables, "iptables -I"),
            (.ufw, "ufw route"), (.firewalld, "firewall-cmd --permanent --zone"),
            (.firewalld, "firewall-cmd --permanent --new-zone"),
        ])
        func theManualsCommandsDo(kind: HostFirewall.Kind, beginning: String) throws {
            guard kind.isInstalled else { return }
            let manual = try #require(
                File.read("\(Rkt.packageDirectory)/Documentation/networking.md")
            )
            let blocks = manual.components(separatedBy: "```\n")
            let commands = try #require(blocks.first { $0.hasPrefix(beginning) })
            let firewall = try HostFirewall(kind, on: machine)
            #expect(try !blocked().isEmpty && !blocked("default-restricted").isEmpty)
            try firewall.run(commands)
            if kind == .iptables {
                try firewall.run(commands.replacing("iptables -I", with: "ip6tables -I"))
            }
            #expect(try blocked().allSatisfy { $0.hasSuffix(": host") })
            let isForAll = !commands.contains("--new-zone")
            #expect(try blocked("default-restricted").isEmpty == isForAll)
            let pod = try machine.start(["--port=8080:80"], Self.web)
            #expect(try reached(by: pod, "10.99.0.2") == "you are 10.99.0.1")
            for address in ["10.99.0.1", "2001:db8:99::1"] {
                #expect(try found(at: address) == "hello\n", "\(address)")
            }
            try pod.stop()
        }

        /// A host that lets nobody in is as it should be for pods that go out.
        @Test func whatComesInIsNobodysBusinessButRestrictedPods() throws {
            try machine.host(
                """
                nft add table inet filter
                nft 'add chain inet filter input { type filter hook input priority 0; policy drop; }'
                nft 'add rule inet filter input ct state established,related accept'
                """
            )
            let pod = try machine.run([], "true")
            #expect(pod.succeeded && !pod.errors.contains("other rules"), "\(pod)")
            #expect(try blocked() == ["inet filter input: host"])
            let restricted = try machine.run(["--net=default-restricted"], "true")
            #expect(restricted.errors.contains("(inet filter input) keep"), "\(restricted)")
        }

        /// What `network inspect` says about rules of others.
        private func blocked(_ network: String = "default") throws -> [String] {
            let outcome = try machine.rkt("network", "inspect", "--format=json", network)
            let list = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
            let host = (list as? [[String: Any]])?.first?["host"] as? [String: Any]
            let firewall = try #require(host?["firewall"] as? [[String: Any]], "\(outcome)")
            return firewall.map { chain in
                let place = ["family", "table", "chain"].map { chain[$0] as? String ?? "" }
                let ways = chain["blocks"] as? [String] ?? []
                return "\(place.joined(separator: " ")): \(ways.joined(separator: ","))"
            }
        }

        private static let everything = ["inet x forward: outside,ports"]
        private static let ports = ["inet x forward: ports"]

        @Test(arguments: [
            ("", everything),
            (#"iifname "rktn*" accept"#, ports),
            (#"iifname { "eth0", "rktn*" } accept"#, ports),
            (#"iifname != { "eth0", "eth1" } accept"#, ports),
            (#"iifname vmap { "eth0" : drop, "rkt*" : accept }"#, ports),
            (#"iifname "rktn*" oifname "wire0" tcp dport 443 accept"#, ports),
            (#"iifname != "wire0" accept"#, ports),
            (#"jump own"#, ports),
            (#"iifname "rktn*" goto every"#, ports),
            (#"iifname "rkt*" accept; oifname "rkt*" accept"#, []),
            (#"iifname "rkt*" accept; ct status dnat accept"#, []),
            (#"iifname "rkt*" accept; oifname "rktn*" ct state established accept"#, ports),
            (#"accept"#, []),
            (#"counter log accept"#, []),
            // One pod's only, those of the other network, pods among each other, and some of the packets.
            (#"iifname "rktn0123456789" accept"#, everything),
            (#"iifname "rktr*" accept"#, everything),
            (#"iifname "rktn*" oifname "rktn*" accept"#, everything),
            (#"meta l4proto tcp accept"#, everything),
            (#"meta l4proto tcp jump every"#, everything),
            (#"iifname "rktn*" drop; accept"#, ["inet x forward: outside"]),
            (#"jump locals; iifname "rktn*" accept"#, ports),
            (#"ct state established,related accept; return; iifname "rktn*" accept"#, everything),
        ])
        func rulesAboutPodsAreFound(rules: String, expected: [String]) throws {
            for (policy, end) in [("drop", ""), ("accept", "reject")] {
                try machine.host(
                    """
                    nft -f - <<'END'
                    flush ruleset
                    table inet x {
                        chain own { ct state new iifname "rktn*" accept; }
                        chain every { accept; }
                        chain locals { fib daddr type local return; drop; }
                        chain forward {
                            type filter hook forward priority 0; policy \(policy);
                            \(rules)
                            \(end)
                        }
                    }
                    END
                    """
                )
                // A chain that is left early ends as its policy says.
                let isLeft = rules.contains("return") && policy == "accept"
                #expect(try blocked() == (isLeft ? [] : expected), "\(policy)")
            }
        }

        @Test func versionsOfIPAreLookedAtApart() throws {
            for family in ["ip", "ip6"] {
                try machine.host(
                    """
                    nft add table \(family) x
                    nft 'add chain \(family) x y { type filter hook forward priority 0; policy drop; }'
                    """
                )
            }
            try machine.host("nft insert rule ip x y iifname 'rktn*' accept")
            #expect(try blocked() == ["ip x y: ports", "ip6 x y: outside,ports"])
            try machine.host("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
            #expect(try blocked() == ["ip x y: ports"])
            #expect(try blocked("default-restricted") == [])
        }

        /// nf_tables doesn't see what went through the interface before it: that it is there is all there is to tell.
        @Test(.requires("iptables-legacy")) func legacyTablesAreNamed() throws {
            let legacy = "iptables-legacy -t filter"
            // Kernels come without it by now.
            guard (try? machine.host("\(legacy) -P FORWARD DROP")) != nil else { return }
            let lines = try machine.rkt("network", "inspect", "default").lines
            #expect(lines.contains("legacy-tables=filter"), "\(lines)")
            #expect(try machine.run([], Self.outside).text.isEmpty)
            for rule in ["-i rktn+", "-o rktn+ -m conntrack --ctstate RELATED,ESTABLISHED"] {
                try machine.host("\(legacy) -I FORWARD \(rule) -j ACCEPT")
            }
            #expect(try machine.run([], Self.outside).text == "you are 10.99.0.1")
        }

        @Test func settingsOfTheHostAreToldBeforeAndAfter() throws {
            try machine.host(
                """
                cd /proc/sys/net
                echo 0 > ipv4/ip_forward
                echo 0 > ipv6/conf/all/forwarding
                echo 1 > ipv6/conf/wire0/accept_ra
                """
            )
            func lines() throws -> [String] {
                try machine.rkt("network", "inspect", "default").lines.filter {
                    $0.hasPrefix("net.") && !$0.contains("conf.default.")
                        || $0.hasPrefix("firewall")
                }
            }
            #expect(
                try lines() == [
                    "net.ipv4.ip_forward=0 (a pod's start sets 1)",
                    "net.ipv6.conf.all.forwarding=0 (a pod's start sets 1)",
                    "net.ipv6.conf.wire0.accept_ra=1 (a pod's start sets 2)",
                    "firewall=not in the way",
                ]
            )
            #expect(try machine.run([], "true").succeeded)
            #expect(
                try lines() == [
                    "net.ipv4.ip_forward=1 (set by rkt)",
                    "net.ipv6.conf.all.forwarding=1 (set by rkt)",
                    "net.ipv6.conf.wire0.accept_ra=2 (set by rkt)",
                    "firewall=not in the way",
                ]
            )
            // Another data directory has set nothing.
            let other = try Rkt([], on: machine.host)("network", "inspect", "default")
            #expect(other.lines.contains("net.ipv4.ip_forward=1"), "\(other)")
        }
    }
}
