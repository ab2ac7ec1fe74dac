/// GnuPG with a directory of the test's own, to make keys and signatures.
package struct KeyRing: Sendable {
    private let home: Scratch

    /// The directory, for who runs GnuPG himself.
    package var path: String { home.path }
    private let agent: Agent

    /// Stops what GnuPG starts on its own when nobody refers to the directory any more.
    private final class Agent: Sendable {
        let home: String
        init(home: String) { self.home = home }
        deinit { _ = try? tool("gpgconf", "--homedir", home, "--kill", "all") }
    }

    /// An empty one.
    package init() throws {
        home = try Scratch(mode: 0o700)
        agent = Agent(home: home.path)
    }

    /// Runs `gpg` and returns what it printed.
    ///
    /// - Parameter time: what GnuPG takes for now, such as `20200101T000000`.
    @discardableResult
    package func gpg(_ arguments: [String], at time: String? = nil) throws -> String {
        let clock = time.map { ["--faked-system-time", $0] } ?? []
        let usual = ["--batch", "--yes", "--quiet", "--pinentry-mode=loopback", "--passphrase="]
        let outcome = try Execution(
            ["/usr/bin/gpg", "--homedir", home.path] + usual + clock
                + arguments,
            directory: home.path
        ).finished()
        guard outcome.succeeded else { throw ToolFailure(outcome: outcome) }
        return outcome.text
    }

    /// Makes a key that signs, and returns its fingerprint in lower case.
    @discardableResult
    package func makeKey(
        _ identity: String,
        _ algorithm: String = "ed25519",
        expires: String = "never",
        at time: String? = nil
    ) throws -> String {
        try gpg(["--quick-gen-key", identity, algorithm, "sign", expires], at: time)
        return try fingerprint(of: identity)
    }

    /// The fingerprint of a key's owner, in lower case.
    package func fingerprint(of identity: String) throws -> String {
        let list = try gpg(["--with-colons", "--list-keys", "=\(identity)"])
        let line = list.split(separator: "\n").first { $0.hasPrefix("fpr:") }
        return line?.split(separator: ":").last.map { $0.lowercased() } ?? ""
    }

    /// Signs a file by one or more keys; the signature is `FILE.asc` unless said otherwise.
    @discardableResult
    package func sign(
        _ file: String,
        by identities: String...,
        to signature: String? = nil,
        with options: [String] = [],
        at time: String? = nil
    ) throws -> String {
        let target = signature ?? file + ".asc"
        let keys = identities.flatMap { ["--local-user", "=\($0)"] }
        try gpg(
            keys + options + ["--armor", "--output", target, "--detach-sign", file],
            at: time
        )
        return target
    }

    /// Writes a public key to a file.
    package func export(_ identity: String, to path: String) throws {
        try gpg(["--armor", "--output", path, "--export", "=\(identity)"])
    }

    /// Revokes a key.
    package func revoke(_ fingerprint: String) throws {
        // GnuPG has a certificate ready, which nobody can use by accident: a colon stands in front of it.
        let file = "openpgp-revocs.d/\(fingerprint.uppercased()).rev"
        let text = home.read(file) ?? ""
        try home.write(text.replacing(":-----BEGIN", with: "-----BEGIN"), to: "revocation")
        try gpg(["--import", home("revocation")])
    }
}
