import Foundation
import TestSupport
import Testing

extension Functional {
    /// A store whose requests are signed (`auth` of type `aws`): a server that checks each signature itself.
    @Suite(.requires("ip"), .requires("openssl"), .requires("python3")) struct SignedRequests {
        let rkt: Rkt

        init() throws {
            rkt = try Rkt()
            try rkt.scratch.write(Self.server, to: "server.py")
            try tool("cp", try SharedFiles.busyboxACI.get(), rkt.scratch("app.aci"))
            try rkt.scratch.makeCertificate()
        }

        private static let server = #"""
            import hashlib, hmac, http.server, re, ssl, urllib.parse
            SECRET, REGION = b"very/secret+key", "eu-west-1"
            def mac(key, text): return hmac.new(key, text.encode(), hashlib.sha256).digest()
            class Handler(http.server.BaseHTTPRequestHandler):
                def signature(self, signed, day):
                    path, _, query = self.path.partition("?")
                    quote = lambda text: urllib.parse.quote(text, safe="-_.~")
                    items = sorted((quote(k), quote(v)) for k, v in
                                   urllib.parse.parse_qsl(query, keep_blank_values=True))
                    request = "\n".join([
                        "GET", urllib.parse.quote(urllib.parse.unquote(path), safe="/-_.~"),
                        "&".join(k + "=" + v for k, v in items),
                        *[n + ":" + self.headers[n].strip() for n in signed], "", ";".join(signed),
                        hashlib.sha256(b"").hexdigest()])
                    scope = day + "/" + REGION + "/s3/aws4_request"
                    text = "\n".join(["AWS4-HMAC-SHA256", self.headers["x-amz-date"], scope,
                                      hashlib.sha256(request.encode()).hexdigest()])
                    key = b"AWS4" + SECRET
                    for part in scope.split("/"): key = mac(key, part)
                    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
                def do_GET(self):
                    given = re.fullmatch(
                        r"AWS4-HMAC-SHA256 Credential=MYKEY/(\d{8})/.*, SignedHeaders=(.*), Signature=(.*)",
                        self.headers["authorization"] or "")
                    good = given and self.signature(given[2].split(";"), given[1]) == given[3]
                    body = open("app.aci", "rb").read() if good else b"SignatureDoesNotMatch"
                    self.send_response(200 if good else 403)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                def log_message(self, *a): pass
            server = http.server.HTTPServer(("127.0.0.1", 443), Handler)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain("cert.pem", "key.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            print("ready", flush=True)
            server.serve_forever()
            """#

        private func fetch(_ url: String, key: String) throws -> Outcome {
            let auth = """
                {"rktKind": "auth", "rktVersion": "v1", "domains": ["localhost"], "type": "aws", "credentials":
                {"accessKeyID": "MYKEY", "secretAccessKey": "\(key)", "awsRegion": "eu-west-1"}}
                """
            try rkt.scratch.write(auth, to: "etc/auth.d/aws.json", mode: 0o600)
            let script = """
                ip link set lo up
                cd '\(rkt.scratch.path)'
                export SSL_CERT_FILE=$PWD/cert.pem
                exec 3< <(exec python3 server.py)
                server=$!
                read -u 3 ready
                '\(Rkt.program)' --dir='\(rkt.data)' --local-config=$PWD/etc --insecure-options=image fetch '\(url)'
                code=$?
                kill $server
                exit $code
                """
            return try Execution(["/usr/bin/unshare", "-n", "/bin/bash", "-c", script])
                .finished(within: 60)
        }

        @Test func theServerFindsTheSignatureGood() throws {
            let outcome = try fetch(
                "https://localhost/bucket/a%20b/app.aci?versionId=x%2By&a",
                key: "very/secret+key"
            )
            #expect(outcome.succeeded && outcome.text.hasPrefix("sha512-"), "\(outcome)")
        }

        @Test func anotherKeyIsRefused() throws {
            let outcome = try fetch("https://localhost/app.aci", key: "another")
            #expect(outcome.code == 254 && outcome.errors.contains("403"), "\(outcome)")
            #expect(!outcome.errors.contains("another"))
        }
    }
}
