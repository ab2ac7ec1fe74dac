/// A server on 127.0.0.1 that gives everybody the token that they ask for, signed as `docker-registry` checks it.
package final class TokenServer: Sendable {
    private let scratch: Scratch
    private let execution: Execution
    private let port: String

    /// What a registry is told of it: where it is.
    package var url: String { "http://127.0.0.1:\(port)/token" }
    /// What a registry is told of it: the certificate of its key.
    package var certificate: String { scratch("token.pem") }
    /// The scopes that were asked for so far.
    package var scopes: [String] {
        execution.output.split(separator: "\n").dropFirst().map(String.init)
    }

    /// Starts a server with a key of its own.
    package init() throws {
        let scratch = try Scratch()
        let script = """
            cd '\(scratch.path)'
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tokens -keyout token.key -out token.pem
            openssl x509 -in token.pem -outform DER -out token.der
            """
        try tool("sh", "-ec", script)
        let execution = try Execution([
            "/usr/bin/python3", "-c", Self.program, scratch.path,
        ])
        guard eventually({ execution.output.contains("\n") || !execution.isRunning }),
            let port = execution.output.split(separator: "\n").first
        else { throw ToolFailure(outcome: execution.finished(within: 1)) }
        (self.scratch, self.execution, self.port) = (scratch, execution, String(port))
    }

    deinit { execution.signal(15) }

    private static let program = """
        import base64, http.server, json, subprocess, sys, time, urllib.parse
        place = sys.argv[1]
        chain = [base64.b64encode(open(place + "/token.der", "rb").read()).decode()]
        def packed(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=")
        def token(scopes):
            access = []
            for scope in scopes:
                kind, name, actions = scope.split(":")
                access.append({"type": kind, "name": name, "actions": actions.split(",")})
            now = int(time.time())
            claims = {"iss": "test", "sub": "", "aud": "test", "exp": now + 300, "nbf": now - 10, "iat": now,
                      "jti": str(time.time_ns()), "access": access}
            header = {"typ": "JWT", "alg": "RS256", "x5c": chain}
            text = b".".join(packed(json.dumps(part).encode()) for part in (header, claims))
            sign = ["openssl", "dgst", "-sha256", "-sign", place + "/token.key"]
            signature = subprocess.run(sign, input=text, stdout=subprocess.PIPE, check=True).stdout
            return (text + b"." + packed(signature)).decode()
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                scopes = [scope for text in query.get("scope", []) for scope in text.split(" ")]
                for scope in scopes:
                    print(scope, flush=True)
                body = json.dumps({"token": token(scopes), "expires_in": 300}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *a): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_port, flush=True)
        server.serve_forever()
        """
}
