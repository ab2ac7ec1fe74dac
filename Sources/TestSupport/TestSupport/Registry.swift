import Foundation

/// Debian's `docker-registry` on 127.0.0.1, with its data in a test's own directory.
package final class Registry: Sendable {
    /// Where it listens.
    package let port: Int
    private let scratch: Scratch
    private let process: Execution

    /// Host and port.
    package var authority: String { "127.0.0.1:\(port)" }

    /// How it is protected.
    package enum Protection: Sendable {
        case none
        /// Basic authentication with one user, by TLS with a test's own authority.
        case basic(user: String, password: String)
        /// By tokens of a server.
        case token(TokenServer)
    }

    /// The certificate of the authority, for `SSL_CERT_FILE`.
    package var authorityFile: String { scratch("ca.pem") }

    /// Starts an empty one.
    package init(_ protection: Protection = .none) throws {
        scratch = try Scratch()
        var lines = [
            "version: 0.1", "log: {level: error}",
            "storage: {filesystem: {rootdirectory: \(scratch("data"))}, delete: {enabled: true}}",
        ]
        // A port that was free a moment ago; nobody else here binds ports by number.
        let probe = try ScriptedServer { _ in .init() }
        port = probe.port
        probe.stop()
        var http = "addr: \"127.0.0.1:\(port)\""
        if case .basic(let user, let password) = protection {
            try Self.makeCertificate(in: scratch)
            http += ", tls: {certificate: \(scratch("cert.pem")), key: \(scratch("key.pem"))}"
            try scratch.write(try tool("htpasswd", "-Bbn", user, password) + "\n", to: "htpasswd")
            lines.append("auth: {htpasswd: {realm: test, path: \(scratch("htpasswd"))}}")
        }
        if case .token(let server) = protection {
            lines.append(
                "auth: {token: {realm: \(server.url), service: test, issuer: test, "
                    + "rootcertbundle: \(server.certificate)}}"
            )
        }
        lines.append("http: {\(http)}")
        try scratch.write(lines.joined(separator: "\n") + "\n", to: "config.yml")
        process = try Execution([
            "/usr/bin/docker-registry", "serve", scratch("config.yml"),
        ])
        let scheme = if case .basic = protection { "https" } else { "http" }
        let url = "\(scheme)://127.0.0.1:\(port)/v2/"
        let answers = eventually(within: 20) {
            let curl = try? Execution(["/usr/bin/curl", "-ksS", url]).finished(within: 5)
            return curl?.succeeded ?? false
        }
        guard answers else { throw ToolFailure(outcome: process.finished(within: 0)) }
    }

    /// What was asked of it, a line for each request.
    package var log: String { process.output + process.errors }

    deinit {
        process.signal(SIGTERM)
        process.finished(within: 5)
    }

    /// Makes `ca.pem`, `cert.pem` and `key.pem` for 127.0.0.1 and localhost.
    package static func makeCertificate(in scratch: Scratch) throws {
        let script = """
            cd \(scratch.path)
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca \
              -keyout ca.key -out ca.pem -addext basicConstraints=critical,CA:TRUE
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=127.0.0.1 \
              -keyout key.pem -out cert.csr
            printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\\n' > ext
            openssl x509 -req -in cert.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out cert.pem
            """
        try tool("sh", "-ec", script)
    }

    /// Brings an image here by skopeo.
    package func push(_ source: String, to name: String, _ flags: String...) throws {
        try skopeo(
            ["copy", "--quiet", "--dest-tls-verify=false"] + flags + [
                source, "docker://\(authority)/\(name)",
            ]
        )
    }

    /// Runs skopeo.
    @discardableResult
    package func skopeo(_ arguments: [String]) throws -> String {
        let outcome = try Execution(["/usr/bin/skopeo", "--insecure-policy"] + arguments)
            .finished(within: 60)
        guard outcome.succeeded else { throw ToolFailure(outcome: outcome) }
        return outcome.text
    }
}
