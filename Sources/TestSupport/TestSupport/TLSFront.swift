/// Gives a server on 127.0.0.1 a port for TLS, as `localhost`; what comes there is handed to the server in clear.
package final class TLSFront: Sendable {
    /// Host and port.
    package let authority: String
    /// The certificate, for `SSL_CERT_FILE`.
    package let certificate: String
    private let scratch: Scratch
    private let execution: Execution

    /// Starts to listen.
    package init(_ port: Int) throws {
        let scratch = try Scratch()
        try scratch.makeCertificate()
        let execution = try Execution([
            "/usr/bin/python3", "-c", Self.program, scratch.path, String(port),
        ])
        guard eventually({ execution.output.contains("\n") || !execution.isRunning }),
            let own = execution.output.split(separator: "\n").first
        else { throw ToolFailure(outcome: execution.finished(within: 1)) }
        authority = "localhost:\(own)"
        certificate = scratch("cert.pem")
        (self.scratch, self.execution) = (scratch, execution)
    }

    deinit { execution.signal(9) }

    private static let program = """
        import os, socket, ssl, sys, threading
        os.chdir(sys.argv[1])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("cert.pem", "key.pem")
        def pour(source, target):
            try:
                while True:
                    piece = source.recv(65536)
                    if not piece: break
                    target.sendall(piece)
            except OSError: pass
            for end in (source, target):
                try: end.shutdown(socket.SHUT_RDWR)
                except OSError: pass
        def serve(client):
            try: near = context.wrap_socket(client, server_side=True)
            except OSError: return client.close()
            far = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
            threading.Thread(target=pour, args=(far, near), daemon=True).start()
            pour(near, far)
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        print(listener.getsockname()[1], flush=True)
        while True:
            client, _ = listener.accept()
            threading.Thread(target=serve, args=(client,), daemon=True).start()
        """
}
