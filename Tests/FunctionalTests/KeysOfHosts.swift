import TestSupport
import Testing

/// Keys that come over the network, and what is to be said before they do.
extension Functional.Discovering {
    private static let trust = "trust --prefix=localhost/team --skip-fingerprint-review"

    /// The files of keys that are trusted.
    private var trusted: [String] {
        rkt.scratch.list("etc/trustedkeys/prefix.d/localhost/team")
    }

    private func expectRefusal(_ outcome: Outcome, _ words: String) {
        #expect(outcome.code == 254 && outcome.errors.contains(words), "\(outcome)")
        #expect(!File.exists(rkt.scratch("etc")))
        #expect(rkt.hasEmptyStore)
    }

    @Test func aKeyAtAURLIsTrusted() throws {
        let outcome = try run(
            """
            rkt \(Self.trust) https://localhost/keys.asc
            rkt fetch \(Self.name)
            """
        )
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.errors.contains("signature verified"), "\(outcome)")
        #expect(trusted.count == 1)
    }

    @Test(arguments: [
        ("https://localhost/index.html", "armor is damaged"),
        ("https://localhost/nothing.asc", "answered 404"),
        ("http://localhost/keys.asc", "plain http is refused"),
    ])
    func whatIsNoKeyOrComesInClearIsRefused(_ url: String, _ words: String) throws {
        expectRefusal(try run("rkt \(Self.trust) \(url)"), words)
    }

    @Test func aRedirectToPlainHTTPIsRefusedWhateverIsAllowed() throws {
        let outcome = try run(
            "rkt \(Self.trust) --insecure-allow-http https://localhost/moved.asc"
        )
        expectRefusal(outcome, "from https to plain http")
    }

    @Test func aHostThatCannotShowWhoItIsIsRefused() throws {
        let outcome = try run(
            "unset SSL_CERT_FILE; rkt \(Self.trust) https://localhost/keys.asc"
        )
        expectRefusal(outcome, "certificate")
    }

    @Test(arguments: [
        "\(trust) --insecure-allow-http", "--insecure-options=pubkey \(trust)",
        "--insecure-options=http \(trust)",
    ])
    func plainHTTPIsUsedForKeysOnceItIsAllowed(_ command: String) throws {
        let outcome = try run("rkt \(command) http://localhost/keys.asc")
        #expect(outcome.succeeded, "\(outcome)")
        #expect(trusted.count == 1)
    }

    @Test func keysFromHTTPSNeedNoReviewAndOthersDo() throws {
        let command = "rkt --trust-keys-from-https trust --prefix=localhost/team"
        for rest in ["web/keys.asc", "--insecure-allow-http http://localhost/keys.asc"] {
            expectRefusal(try run("\(command) \(rest)"), "lack of tty")
        }
        let outcome = try run(command)
        #expect(outcome.succeeded, "\(outcome)")
        #expect(trusted.count == 1)
    }

    @Test func aHostMayNamePlainKeysButTheyAreNotTakenUnseen() throws {
        let page = try #require(rkt.scratch.read("web/index.html"))
        let plain = page.replacing("https://localhost/keys.asc", with: "http://localhost/keys.asc")
        try rkt.scratch.write(plain, to: "web/index.html")
        let fetch = "--trust-keys-from-https fetch \(Self.name)"
        expectRefusal(try run("rkt \(fetch)"), "plain http is refused")
        expectRefusal(try run("rkt --insecure-options=http \(fetch)"), "lack of tty")
        let outcome = try run("rkt --insecure-options=pubkey \(fetch)")
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.errors.contains("signature verified"), "\(outcome)")
    }

    // MARK: - Ports

    /// The port says where the host is asked; the key is for the name without it, as images from there have it.
    @Test(arguments: [
        ("localhost:8443/team", "/team?ac-discovery=1", "localhost/team"),
        ("localhost:8443", "/?ac-discovery=1", "localhost"),
    ])
    func aPrefixMayHaveAPort(_ prefix: String, _ path: String, _ name: String) throws {
        let outcome = try run(
            """
            rkt trust --prefix=\(prefix) --skip-fingerprint-review
            rkt fetch localhost:8443/team/app
            cat log
            """
        )
        #expect(outcome.succeeded, "\(outcome)")
        #expect(outcome.errors.contains("signature verified"), "\(outcome)")
        #expect(outcome.output.contains("8443 GET \(path)"), "\(outcome)")
        let place = "etc/trustedkeys/prefix.d/\(name)"
        let keys = rkt.scratch.list(place).filter { $0.utf8.count == 40 }
        #expect(keys.count == 1)
        let removed = try run("rkt trust rm --prefix=\(prefix) \(keys.first ?? "")")
        #expect(removed.succeeded, "\(removed)")
        #expect(rkt.scratch.list(place).filter { $0.utf8.count == 40 }.isEmpty)
    }

    @Test(arguments: ["localhost:0/team", "localhost:99999/team", "localhost:x", "[::1/team", ":1"])
    func aPrefixOfNoHostIsRefused(_ prefix: String) throws {
        let outcome = try run("rkt trust --prefix=\(prefix) --skip-fingerprint-review web/keys.asc")
        #expect(outcome.code == 254 && outcome.errors.contains("prefix"), "\(outcome)")
        #expect(!File.exists(rkt.scratch("etc")))
    }

    // MARK: - Hosts without TLS

    /// Everything the host says leads to plain http.
    private func speakPlainly() throws {
        let page = try #require(rkt.scratch.read("web/index.html"))
        try rkt.scratch.write(page.replacing("https:", with: "http:"), to: "web/index.html")
    }

    @Test(arguments: ["", "--trust-keys-from-https"])
    func keysOfAHostWithoutTLSAreRefusedUnlessPlainHTTPIsAllowed(_ flag: String) throws {
        try speakPlainly()
        let command = "rkt \(flag) trust --prefix=localhost/team --skip-fingerprint-review"
        expectRefusal(try run(command, isPlain: true), "publishes no keys")
        expectRefusal(
            try run("\(command) http://localhost/keys.asc", isPlain: true),
            "plain http is refused"
        )
        expectRefusal(
            try run("\(command) https://localhost/keys.asc", isPlain: true),
            "https://localhost/keys.asc"
        )
        expectRefusal(try run("rkt \(flag) fetch \(Self.name)", isPlain: true), "no host says")
    }

    @Test(arguments: [
        "trust --insecure-allow-http", "--insecure-options=pubkey trust",
        "--insecure-options=http trust",
    ])
    func keysOfAHostWithoutTLSAreFoundOncePlainHTTPIsAllowed(_ command: String) throws {
        try speakPlainly()
        let rest = "--prefix=localhost/team --skip-fingerprint-review"
        let outcome = try run("rkt \(command) \(rest)", isPlain: true)
        #expect(outcome.succeeded && trusted.count == 1, "\(outcome)")
        let fetch = "rkt --insecure-options=http fetch \(Self.name)"
        let fetched = try run(fetch, isPlain: true)
        #expect(fetched.succeeded, "\(fetched)")
        #expect(fetched.errors.contains("signature verified"), "\(fetched)")
    }

    /// `--trust-keys-from-https` says nothing of keys that come in clear; with `pubkey` it does.
    @Test func keysThatComeInClearAreLookedAt() throws {
        try speakPlainly()
        let fetch = "--trust-keys-from-https fetch \(Self.name)"
        expectRefusal(
            try run("rkt --insecure-options=http \(fetch)", isPlain: true),
            "lack of tty"
        )
        let outcome = try run("rkt --insecure-options=http,pubkey \(fetch)", isPlain: true)
        #expect(outcome.succeeded && trusted.count == 1, "\(outcome)")
    }
}
