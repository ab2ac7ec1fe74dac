import OpenPGP
import Testing

@testable import Trust

/// What gpgv's status lines amount to.
@Suite struct Status {
    static let key = "8126033b236f3fe9e97ef6d5e299e84b05f64308"
    static let now: Int64 = 1_795_549_682
    static let valid = """
        [GNUPG:] VALIDSIG \(key.uppercased()) 2026-11-24 \(now) 0 4 0 22 8 00 \(key.uppercased())

        """

    private func verdicts(_ text: String) -> [SignatureVerdict] {
        StatusReader(text, now: Self.now).verdicts
    }

    @Test func aGoodSignatureNamesItsSigner() throws {
        let start = "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG E299E84B05F64308 A Person <a@b>\n"
        let text = start + Self.valid
        let key = try #require(Fingerprint(Self.key))
        #expect(verdicts(text) == [.good(Signer(key: key, identity: "A Person <a@b>"))])
    }

    @Test(arguments: [
        ("EXPKEYSIG", SignatureVerdict.expiredKey("E299E84B05F64308")),
        ("REVKEYSIG", .revokedKey("E299E84B05F64308")),
        ("EXPSIG", .expired(key: "E299E84B05F64308")),
        ("BADSIG", .bad(key: "E299E84B05F64308")),
    ])
    func validSigAloneIsNotGood(_ keyword: String, _ verdict: SignatureVerdict) {
        let text = "[GNUPG:] NEWSIG\n[GNUPG:] \(keyword) E299E84B05F64308 x\n" + Self.valid
        #expect(verdicts(text) == [verdict])
        #expect(verdicts("[GNUPG:] NEWSIG\n" + Self.valid).first?.reason.contains("cannot") == true)
    }

    @Test func aPersonCannotWriteStatusLines() {
        let text = "[GNUPG:] NEWSIG\n[GNUPG:] BADSIG 1 x [GNUPG:] GOODSIG 1 x\n" + Self.valid
        #expect(verdicts(text) == [.bad(key: "1")])
    }

    @Test func oneUnknownKeyOfTwoSpoilsNothing() throws {
        let good = "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG E299E84B05F64308 a\n" + Self.valid
        let unknown = """
            [GNUPG:] NEWSIG
            [GNUPG:] ERRSIG EAE5229A46C35171 1 10 00 1795549682 9 F6DA
            [GNUPG:] NO_PUBKEY EAE5229A46C35171

            """
        let key = try #require(Fingerprint(Self.key))
        let expected = SignatureVerdict.good(Signer(key: key, identity: "a"))
        #expect(verdicts(good + unknown) == [expected, .unknownKey("EAE5229A46C35171")])
        #expect(verdicts(unknown + good) == [.unknownKey("EAE5229A46C35171"), expected])
    }

    @Test func weakHashesAndTheFutureAreRefused() {
        let start = "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG E299E84B05F64308 a\n"
        let weak = Self.valid.replacing(" 22 8 00 ", with: " 22 2 00 ")
        #expect(verdicts(start + weak) == [.weakHash(key: Self.key)])
        let error = "[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG E299E84B05F64308 22 2 00 1795549682 5 x\n"
        #expect(verdicts(error) == [.weakHash(key: "E299E84B05F64308")])
        let future = StatusReader(start + Self.valid, now: Self.now - 24 * 60 * 60 - 1).verdicts
        #expect(future == [.future(key: Self.key)])
    }

    @Test func noiseIsNoVerdict() {
        #expect(verdicts("").isEmpty)
        #expect(verdicts("GOODSIG a b\n[GNUPG:]\n" + Self.valid).isEmpty)
    }
}
