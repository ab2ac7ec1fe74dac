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
}
