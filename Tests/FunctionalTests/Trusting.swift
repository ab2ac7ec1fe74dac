import Foundation
import TestSupport
import Testing

extension Functional {
    /// `rkt trust`, and signed images run without any network.
    @Suite struct Trusting {
        let rkt: Rkt
        let keys: KeyRing
        let fingerprint: String
        let key: String
        let aci: String

        init() throws {
            rkt = try Rkt()
            keys = try KeyRing()
            fingerprint = try keys.makeKey("Signer <s@example.com>")
            key = rkt.scratch("key.asc")
            aci = rkt.scratch("app.aci")
            try keys.export("Signer <s@example.com>", to: key)
            try tool("cp", try SharedFiles.busyboxACI.get(), aci)
            try keys.sign(aci, by: "Signer <s@example.com>")
        }

        @discardableResult
        private func configured(_ arguments: String...) throws -> Outcome {
            try rkt(["--local-config=\(rkt.scratch("etc"))"] + arguments)
        }

        @Test func aSignedImageRunsOnceItsKeyIsTrusted() throws {
            let run = ["run", "--net=none", aci, "--exec=/bin/echo", "--", "hello"]
            let before = try rkt(["--local-config=\(rkt.scratch("etc"))"] + run)
            #expect(before.code == 254)
            #expect(before.errors.contains("no key is trusted yet"), "\(before)")
            let trust = try configured(
                "trust",
                "--prefix=example.com",
                "--skip-fingerprint-review",
                key
            )
            #expect(trust.succeeded, "\(trust)")
            let file = rkt.scratch("etc/trustedkeys/prefix.d/example.com/\(fingerprint)")
            #expect(trust.text.hasSuffix("Added key for prefix \"example.com\" at \"\(file)\""))
            let after = try rkt(["--local-config=\(rkt.scratch("etc"))"] + run)
            #expect(after.succeeded && after.text == "hello", "\(after)")
            #expect(
                after.errors.contains("signature verified: \(fingerprint) (Signer <s@example.com>)")
            )
        }

        @Test func signaturesMayLieElsewhere() throws {
            try configured("trust", "--root", "--skip-fingerprint-review", key)
            try tool("mv", aci + ".asc", rkt.scratch("elsewhere"))
            let without = try configured("fetch", aci)
            #expect(without.code == 254 && without.errors.contains("is not signed"), "\(without)")
            let with = try configured("fetch", aci, "--signature=\(rkt.scratch("elsewhere"))")
            #expect(with.succeeded, "\(with)")
        }

        @Test func trustIsListedAndTakenAway() throws {
            try configured("trust", "--root", "--skip-fingerprint-review", key)
            try configured("trust", "--prefix=a.org/b", "--skip-fingerprint-review", key)
            let list = try configured("trust", "list", "--no-legend")
            #expect(list.lines.count == 2 && list.output.contains("a.org/b"), "\(list)")
            let json = try configured("trust", "list", "--format=json")
            #expect(json.output.contains("\"fingerprint\":\"\(fingerprint)\""), "\(json)")
            try configured("trust", "rm", "--prefix=a.org/b", fingerprint)
            #expect(try configured("trust", "list", "--no-legend").lines.count == 1)
            try configured("trust", "rm", fingerprint)
            #expect(try configured("trust", "list", "--no-legend").lines.isEmpty)
            let again = try configured("trust", "rm", fingerprint)
            #expect(again.code == 254 && again.errors.contains("there is no key"), "\(again)")
        }

        @Test func aKeyIsShownAndAskedAbout() throws {
            let command = ["--local-config=\(rkt.scratch("etc"))", "trust", "--prefix=x.org", key]
            let blind = try rkt(command)
            #expect(blind.code == 254 && blind.errors.contains("lack of tty"), "\(blind)")
            let refused = try rkt.onTerminal(command, input: "no\n", prompt: "yes/no")
            #expect(refused.succeeded && refused.output.contains("Signer"), "\(refused)")
            #expect(try configured("trust", "list", "--no-legend").lines.isEmpty)
            let accepted = try rkt.onTerminal(command, input: "yes\n", prompt: "yes/no")
            #expect(accepted.output.contains("after fingerprint review"), "\(accepted)")
            #expect(try configured("trust", "list", "--no-legend").lines.count == 1)
        }

        @Test func whatIsAskedWronglyIsRefused() throws {
            for arguments in [
                [key], ["--prefix=x.org"], ["--root", "--prefix=x.org", key],
                ["--prefix=x.org/../y", key], ["--prefix=", key], ["--root", "/dev/null"],
                ["--root", aci],
            ] {
                let outcome = try rkt(
                    ["--local-config=\(rkt.scratch("etc"))", "trust"] + arguments
                )
                #expect(outcome.code == 254, "\(outcome)")
            }
            #expect(!File.exists(rkt.scratch("etc")))
        }
    }
}
