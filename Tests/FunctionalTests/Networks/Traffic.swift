import Foundation
import TestSupport
import Testing

extension Functional.Networks {
    /// What is sent arrives, however much it is and however narrow the way.
    @Suite struct Traffic {
        let machine: NetworkFixture
        /// Says the digest of what it was sent.
        private static let digests = "nc -ll -p 5000 -e /bin/busybox sha256sum"

        init() throws { machine = try NetworkFixture() }

        /// A file that no two bytes of repeat, and its digest.
        private func randomFile(megabytes: Int) throws -> (path: String, digest: String) {
            let path = machine.rkt.scratch("random")
            try tool("sh", "-c", "head -c \(megabytes << 20) /dev/urandom > '\(path)'")
            return (path, String(try tool("sha256sum", path).prefix(64)))
        }

        /// Sends the file from a pod and returns what the other side says of it.
        private func send(_ file: String, to address: String) throws -> String {
            let volume = ["--volume=file,kind=host,source=\(file),readOnly=true"]
            let mount = ["--mount=volume=file,target=/file"]
            let outcome = try machine.run(
                volume + mount,
                "/bin/busybox nc -w 20 \(address) 5000 < /file",
                within: 60
            )
            return String(outcome.text.prefix(64))
        }

        private func expectListening(_ host: TestHost, _ address: String) {
            let isListening = eventually {
                (try? host("busybox nc -w 1 \(address) 5000 < /dev/null"))?.isEmpty == false
            }
            #expect(isListening, "\(address)")
        }

        @Test(arguments: ["ip4", "ip6"])
        func everythingArrivesAsItWasSent(version: String) throws {
            let pod = try machine.start([], "exec /bin/busybox \(Self.digests)")
            let address = try pod.address(version)
            expectListening(machine.host, address)
            let file = try randomFile(megabytes: Machine.transferMegabytes)
            #expect(try send(file.path, to: address) == file.digest)
            try pod.stop()
        }

        @Test(arguments: [("10.99.0.2", ""), ("2001:db8:99::2", "-6")])
        func aNarrowWayOutIsFound(address: String, version: String) throws {
            // The smallest that version 6 allows; pods' wires have 1500.
            try machine.host("ip link set wire0 mtu 1280")
            try machine.outside("ip link set wire0 mtu 1280")
            let server = try machine.outside.start("exec busybox \(Self.digests)")
            defer { server.signal(SIGKILL) }
            expectListening(machine.host, address)
            let file = try randomFile(megabytes: 4)
            #expect(try send(file.path, to: address) == file.digest)
            // Also a pod that asks learns it.
            let pod = try machine.start()
            let inside = "nsenter --net=/proc/\(try #require(pod.pid(of: "busybox")))/ns/net"
            let isKnown = try eventually {
                try machine.host(
                    "\(inside) python3 -c '\(Self.largeDatagram)' \(address); "
                        + "\(inside) ip \(version) route get \(address)"
                ).contains("mtu 1280")
            }
            #expect(isKnown)
            try pod.stop()
        }

        // Larger than the way, and not to be divided (IP_MTU_DISCOVER and IPV6_MTU_DISCOVER are IP_PMTUDISC_DO).
        private static let largeDatagram = """
            import socket, sys
            six = ":" in sys.argv[1]
            s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
            s.setsockopt(41 if six else 0, 23 if six else 10, 2)
            try: s.sendto(bytes(1400), (sys.argv[1], 9))
            except OSError: pass
            """
    }
}
