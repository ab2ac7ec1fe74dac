import TestSupport
import Testing

extension Functional {
    /// Keys that expire, are revoked or replaced.
    @Suite struct KeysThatEnd {
        let rkt: Rkt
        let keys: KeyRing
        let aci: String

        init() throws {
            rkt = try Rkt()
            keys = try KeyRing()
            aci = rkt.scratch("app.aci")
            try tool("cp", try SharedFiles.busyboxACI.get(), aci)
        }

        private func configured(_ arguments: String...) throws -> Outcome {
            try rkt(["--local-config=\(rkt.scratch("etc"))"] + arguments)
        }

        /// Trusts a key as it is now.
        private func trust(_ identity: String) throws {
            let file = rkt.scratch("key.asc")
            try keys.export(identity, to: file)
            let outcome = try configured(
                "trust",
                "--prefix=example.com",
                "--skip-fingerprint-review",
                file
            )
            #expect(outcome.succeeded, "\(outcome)")
        }

        private func expectRefusal(_ words: String) throws {
            let outcome = try configured("fetch", aci)
            #expect(outcome.code == 254 && outcome.errors.contains(words), "\(outcome)")
        }

        private func expectSuccess() throws {
            let outcome = try configured("fetch", aci)
            #expect(outcome.succeeded, "\(outcome)")
        }

        @Test func anExpiredKeyCountsAgainOnceItsOwnerExtendsIt() throws {
            let key = try keys.makeKey("Old", expires: "1y", at: "20200101T000000")
            try keys.sign(aci, by: "Old", at: "20200601T000000")
            try trust("Old")
            try expectRefusal("which has expired")
            #expect(rkt.hasEmptyStore)
            try keys.gpg(["--quick-set-expire", key, "0"])
            try trust("Old")
            try expectSuccess()
        }

        @Test func aRevokedKeyCountsNoMoreOnceTheRevocationIsKnown() throws {
            let key = try keys.makeKey("Lost")
            try keys.sign(aci, by: "Lost")
            try trust("Lost")
            try expectSuccess()
            try keys.revoke(key)
            try trust("Lost")
            try expectRefusal("which was revoked")
        }

        @Test func aSignatureMayExpireItself() throws {
            try keys.makeKey("Brief", at: "20200101T000000")
            let options = ["--default-sig-expire", "1d"]
            try keys.sign(aci, by: "Brief", with: options, at: "20200601T000000")
            try trust("Brief")
            try expectRefusal("the signature by the key")
            #expect(rkt.hasEmptyStore)
        }

        @Test func aKeyGivesWayToAnother() throws {
            let old = try keys.makeKey("First")
            try keys.makeKey("Second")
            try trust("First")
            try keys.sign(aci, by: "Second")
            try expectRefusal("which is not trusted")
            #expect(rkt.hasEmptyStore)
            try trust("Second")
            try expectSuccess()
            #expect(try configured("trust", "rm", "--prefix=example.com", old).succeeded)
            try expectSuccess()
            try keys.sign(aci, by: "First")
            try expectRefusal("which is not trusted")
        }
    }
}
