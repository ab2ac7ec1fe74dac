import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// Pods that speak for others: as routers, or as neighbours.
    ///
    /// They do so with every right in their own network, which no app has.
    @Suite struct Spoofing {
        let machine: NetworkFixture

        init() throws { machine = try NetworkFixture() }

        private func inside(_ pod: BackgroundPod) throws -> String {
            "nsenter --net=/proc/\(try #require(pod.pid(of: "busybox")))/ns/net"
        }

        /// The host's end of the only pod's wire.
        private func wire() throws -> String {
            let links = try machine.host("ip -o link")
            let name = links.split(whereSeparator: { " :@".contains($0) })
                .first { $0.hasPrefix("rktn") }
            return String(try #require(name, "\(links)"))
        }

        private func advertise(_ way: String, _ interface: String) -> String {
            """
            \(way) ip addr add fe80::bad/64 dev \(interface) nodad
            \(way) python3 - \(interface) <<'END'
            \(Self.advertisement)
            END
            """
        }

        @Test func advertisementsOfPodsAreNotHeeded() throws {
            let pod = try machine.start()
            let wire = try wire()
            // However the host is set.
            try machine.host("echo 2 | tee /proc/sys/net/ipv6/conf/*/accept_ra >/dev/null")
            try machine.host(advertise(try inside(pod), "eth0"))
            // The same from outside is heeded, so the first had its time.
            try machine.outside(advertise("", "wire0"))
            var routes = ""
            let isHeeded = try eventually {
                routes = try machine.host("ip -6 route")
                return routes.contains("2001:db8:bad::/64 dev wire0")
            }
            #expect(isHeeded, "\(routes)")
            #expect(!routes.contains("2001:db8:bad::/64 dev \(wire)"))
            #expect(
                !routes.split(separator: "\n").contains {
                    $0.contains(wire) && $0.contains("default")
                }
            )
            try pod.stop()
        }

        @Test func podsHeedNobodysAdvertisementsAndRedirects() throws {
            let pod = try machine.start()
            let (inside, wire) = (try inside(pod), try wire())
            try machine.host(advertise("", wire))
            // Whatever comes behind it has been preceded by it.
            try machine.host("busybox ping -c 1 -W 5 \(try pod.address("ip6"))")
            let routes = try machine.host("\(inside) ip -6 route; \(inside) ip -6 addr")
            #expect(!routes.contains("2001:db8:bad"), "\(routes)")
            func settings(_ way: String, _ names: String...) throws -> [String] {
                try names.map { try machine.host("\(way) cat /proc/sys/net/\($0)") }
            }
            let own = try settings(
                inside,
                "ipv6/conf/eth0/accept_ra",
                "ipv6/conf/eth0/accept_redirects",
                "ipv4/conf/eth0/accept_redirects",
                "ipv4/conf/all/accept_redirects"
            )
            #expect(own == ["0\n", "0\n", "0\n", "0\n"])
            let hosts = try settings(
                "",
                "ipv4/conf/\(wire)/accept_redirects",
                "ipv4/conf/\(wire)/send_redirects"
            )
            #expect(hosts == ["0\n", "0\n"])
            try pod.stop()
        }

        @Test func neighboursOfOthersStayWhereTheyAre() throws {
            let attacker = try machine.start()
            let victim = try machine.start([], "exec /bin/busybox httpd -f -p 80 -h /etc")
            let (four, six) = (try victim.address("ip4"), try victim.address("ip6"))
            let (way, watch) = (try inside(attacker), "\(try inside(victim)) ip neigh")
            let before = try machine.host(
                "ip neigh show nud permanent; \(watch) show nud permanent"
            )
            #expect(before.contains(four) && before.contains("172.16.28.1"), "\(before)")
            // As the victim, and as the host.
            for (four, six) in [(four, six), ("172.16.28.1", "fe80::1")] {
                try machine.host(
                    """
                    \(way) python3 - eth0 \(four) \(six) <<'END'
                    \(Self.neighbour)
                    END
                    """
                )
            }
            for address in [four, six] {
                let page = try machine.host(get(address, 80, path: "/hostname"))
                #expect(page == "rkt-\(victim.uuid)\n")
                let other = try machine.run([], get(address, 80, path: "/hostname"))
                #expect(other.text == "rkt-\(victim.uuid)", "\(other)")
            }
            // The wires of the pods that asked go a moment after them.
            var after = ""
            _ = try eventually {
                after = try machine.host("ip neigh show nud permanent; \(watch) show nud permanent")
                return after == before
            }
            #expect(after == before)
            try attacker.stop()
            try victim.stop()
        }

        /// Answers for the host's loopback addresses come through the wire of a pod with ports; nothing else does.
        @Test func serversOfTheHostsLoopbackAreNotReachedThroughAWire() throws {
            let pod = try machine.start(["--port=8080:80"])
            let server = try TestServer(on: machine.host, port: 9000)
            let way = try inside(pod)
            try machine.host(
                """
                \(way) ip addr del 127.0.0.1/8 dev lo
                \(way) ip addr del ::1/128 dev lo
                \(way) ip route add 127.0.0.1 via 172.16.28.1 dev eth0
                \(way) ip -6 route add ::1 via \(try gateway6(way)) dev eth0
                nft add table ip watch
                nft 'add chain ip watch before { type filter hook prerouting priority -400; }'
                nft 'add rule ip watch before iifname "rktn*" ip daddr 127.0.0.1 counter'
                """
            )
            let refused = try refusedHeaders()
            for (own, address) in [("ip4", "127.0.0.1"), ("ip6", "::1")] {
                try send(way, from: try pod.address(own), to: address)
            }
            // They came.
            let haveCome = try eventually {
                try refusedHeaders() > refused
                    && !machine.host("nft list table ip watch").contains("packets 0")
            }
            #expect(haveCome)
            // What is sent behind them is the first that the server gets.
            for address in ["127.0.0.1", "::1"] { try send("", from: address, to: address) }
            let hasAll = eventually { server.callers.count >= 2 }
            #expect(hasAll && Set(server.callers) == ["127.0.0.1", "::1"], "\(server.callers)")
            try pod.stop()
        }

        private func send(_ way: String, from own: String, to address: String) throws {
            let script = """
                import socket, sys
                family = socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET
                s = socket.socket(family, socket.SOCK_DGRAM)
                s.bind((sys.argv[1], 0))
                s.sendto(b"x", (sys.argv[2], 9000))
                """
            try machine.host("\(way) python3 -c '\(script)' \(own) \(address)")
        }

        private func gateway6(_ way: String) throws -> String {
            let route = try machine.host("\(way) ip -6 route show default")
            let words = route.split(separator: " ")
            let index = try #require(words.firstIndex(of: "via"), "\(route)")
            return String(words[index + 1])
        }

        /// How many packets of version 6 the host has thrown away for their headers.
        private func refusedHeaders() throws -> Int {
            let text = try machine.host("grep Ip6InHdrErrors /proc/net/snmp6")
            return try #require(text.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) })
        }

        // A router advertisement of a default route and a prefix: RFC 4861, 4.2 and 4.6.2.
        private static let advertisement = """
            import socket, struct, sys
            index = socket.if_nametoindex(sys.argv[1])
            s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
            s.bind(("fe80::bad", 0, 0, index))
            router = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
            prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 3600, 3600, 0) + socket.inet_pton(socket.AF_INET6, "2001:db8:bad::")
            s.sendto(router + prefix, ("ff02::1", 0, 0, index))
            """

        // An ARP answer and a neighbour advertisement that nobody asked for, to everybody (RFC 5227; RFC 4861, 4.4).
        private static let neighbour = """
            import socket, struct, sys
            interface, four, six = sys.argv[1:]
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            s.bind((interface, 0))
            own = s.getsockname()[4]
            address = socket.inet_aton(four)
            s.send(b"\\xff" * 6 + own + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 2) + own + address + b"\\xff" * 6 + address)
            source = socket.inet_pton(socket.AF_INET6, six)
            everybody = socket.inet_pton(socket.AF_INET6, "ff02::1")
            def packet(checksum):
                return struct.pack("!BBHI", 136, 0, checksum, 0x20000000) + source + b"\\x02\\x01" + own
            whole = source + everybody + struct.pack("!II", len(packet(0)), 58) + packet(0)
            total = sum(struct.unpack("!%dH" % (len(whole) // 2), whole))
            while total >> 16: total = (total & 0xffff) + (total >> 16)
            header = struct.pack("!IHBB", 6 << 28, len(packet(0)), 58, 255) + source + everybody
            s.send(b"\\x33\\x33\\x00\\x00\\x00\\x01" + own + struct.pack("!H", 0x86dd) + header + packet(~total & 0xffff))
            """
    }
}
