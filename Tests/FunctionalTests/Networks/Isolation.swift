import TestSupport
import Testing

extension Functional.Networks {
    /// What pods can't do to each other and to the host.
    @Suite struct Isolation {
        let machine: NetworkFixture

        init() throws { machine = try NetworkFixture() }

        @Test func restrictedPodsReachTheHostOnly() throws {
            let server = try TestServer(on: machine.host, port: 8001)
            let pod = try machine.start([], "exec /bin/busybox httpd -f -p 80 -h /etc")
            let restricted = try machine.start(["--net=default-restricted"])
            #expect(
                try restricted.address("ip4", network: "default-restricted").hasPrefix("172.31.")
            )
            func ask(_ address: String, _ port: Int) throws -> String {
                try machine.rkt("enter", restricted.uuid, "/bin/sh", "-c", get(address, port)).text
            }
            #expect(try ask("172.31.0.1", 8001).hasPrefix("you are 172.31."))
            let others = [("10.99.0.2", 8000), ("10.99.0.1", 8001), (try pod.address("ip4"), 80)]
            for (address, port) in others { #expect(try ask(address, port).isEmpty) }
            // Nor with a route of its own making, nor from outside.
            let routed = try machine.run(
                ["--net=default-restricted", "--insecure-options=capabilities"],
                "true"
            )
            #expect(routed.code == 0 || routed.code == 254)
            #expect(server.callers.allSatisfy { $0.hasPrefix("172.31.") })
            try restricted.stop()
            try pod.stop()
        }

        @Test func addressesOfOthersCantBeUsed() throws {
            let pod = try machine.start()
            let victim = try machine.start()
            let pid = try #require(pod.pid(of: "busybox"))
            // Somebody with every right in the pod's network, which no app has.
            let inside = "nsenter --net=/proc/\(pid)/ns/net"
            let (four, six) = (try victim.address("ip4"), try victim.address("ip6"))
            try machine.host(
                """
                \(inside) ip addr add \(four)/32 dev eth0
                \(inside) ip -6 addr add \(six)/128 dev eth0 nodad
                """
            )
            for (source, target) in [(four, "10.99.0.2"), (six, "2001:db8:99::2")] {
                let script = """
                    \(inside) /usr/bin/python3 -c 'import socket, sys
                    s = socket.socket(socket.AF_INET6 if ":" in "\(source)" else socket.AF_INET, socket.SOCK_DGRAM)
                    s.bind(("\(source)", 0))
                    s.sendto(b"x", ("\(target)", 8000))'
                    """
                try machine.host(script)
            }
            // The same from its own address arrives, so the others had their time.
            let own =
                "echo | \(inside) /usr/bin/python3 -c 'import socket\ns = socket.socket(2, 2)\ns.sendto(b\"x\", (\"10.99.0.2\", 8000))'"
            try machine.host(own)
            #expect(eventually { !machine.server.callers.isEmpty })
            #expect(machine.server.callers == ["10.99.0.1"])
            try pod.stop()
            try victim.stop()
        }

        @Test func podsWithoutNetworkReachNothing() throws {
            let outcome = try machine.run(
                ["--net=none"],
                "\(get("10.99.0.2")); /bin/busybox ip -o link"
            )
            #expect(outcome.lines.count == 1 && outcome.output.contains("lo:"), "\(outcome)")
            #expect(machine.server.callers.isEmpty)
        }

        @Test(arguments: ["none", "default"])
        func abstractSocketsOfTheHostAreNotReached(_ network: String) throws {
            let server = try machine.host.start("exec python3 -c '\(Self.abstractServer)'")
            defer { server.signal(15) }
            let ask = "python3 -c '\(Self.abstractClient)'"
            #expect(eventually { (try? machine.host(ask)) == "hello\n" })
            let pod = try machine.start(["--net=\(network)"])
            let pid = try #require(pod.pid(of: "busybox"))
            let outcome = try machine.host("nsenter --net=/proc/\(pid)/ns/net \(ask) 2>&1 || true")
            #expect(outcome.contains("ConnectionRefusedError"), "\(outcome)")
            try pod.stop()
        }

        private static let abstractServer = """
            import socket
            s = socket.socket(socket.AF_UNIX)
            s.bind("\\0rkt-test")
            s.listen(9)
            while True:
                connection, _ = s.accept()
                connection.sendall(b"hello\\n")
                connection.close()
            """
        private static let abstractClient = """
            import socket
            s = socket.socket(socket.AF_UNIX)
            s.connect("\\0rkt-test")
            print(s.recv(9).decode(), end="")
            """

        @Test(.requiresUserNamespaces, arguments: ["default", "default-restricted"])
        func ordinaryUsersAreToldWhatTheyCanHave(_ network: String) throws {
            let user = try UnprivilegedUser(ids: .range)
            _ = try user.rkt("--insecure-options=image", "fetch", try SharedFiles.busyboxACI.get())
            let outcome = try user.rkt("run", "--net=\(network)", busybox, "--exec=/bin/true")
            #expect(outcome.code == 254, "\(outcome)")
            #expect(
                outcome.errors.contains(
                    "\"\(network)\" can be made by root only; use --net=none or --net=host"
                ),
                "\(outcome)"
            )
            #expect(outcome.errors.split(separator: "\n").count == 1)
        }
    }
}
