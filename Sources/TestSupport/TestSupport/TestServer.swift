/// A server on a test host that tells each caller who it looks like, by HTTP over both versions of IP and by UDP.
package final class TestServer: Sendable {
    private let execution: Execution

    /// Starts a server and returns once it listens.
    package init(on host: TestHost, port: Int) throws {
        let execution = try Execution(
            host.prefix + ["/usr/bin/python3", "-c", Self.program, String(port)]
        )
        self.execution = execution
        if !eventually({ execution.output.contains("ready") || !execution.isRunning }) {
            throw ToolFailure(outcome: execution.finished(within: 1))
        }
    }

    /// The addresses of the callers so far.
    package var callers: [String] {
        execution.output.split(separator: "\n").dropFirst().map(String.init)
    }

    private static let program = """
        import socket, sys, threading
        port = int(sys.argv[1])
        def make(family, kind):
            s = socket.socket(family, kind)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
            if kind == socket.SOCK_STREAM:
                s.listen(100)
            return s
        def answer(connection, caller):
            print(caller, flush=True)
            while b"\\r\\n\\r\\n" not in connection.recv(4096):
                pass
            text = "you are %s\\n" % caller
            connection.sendall(("HTTP/1.0 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(text), text)).encode())
            connection.close()
        def tcp(s):
            while True:
                connection, caller = s.accept()
                threading.Thread(target=answer, args=(connection, caller[0]), daemon=True).start()
        def udp(s):
            while True:
                _, caller = s.recvfrom(4096)
                print(caller[0], flush=True)
                s.sendto(("you are %s\\n" % caller[0]).encode(), caller)
        ends = [(tcp, make(socket.AF_INET, 1)), (tcp, make(socket.AF_INET6, 1)),
                (udp, make(socket.AF_INET, 2)), (udp, make(socket.AF_INET6, 2))]
        threads = [threading.Thread(target=serve, args=(s,)) for serve, s in ends]
        for t in threads: t.start()
        print("ready", flush=True)
        """
}
