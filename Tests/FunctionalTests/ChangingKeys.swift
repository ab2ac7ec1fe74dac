import Foundation
import TestSupport
import Testing

extension Functional {
    /// Images in the store, while the keys of the policy change.
    @Suite(.requires("docker-registry"), .requires("skopeo"), .requires("openssl"))
    struct ChangingKeys {
        let lab: SignedRegistry

        init() throws { lab = try SignedRegistry() }

        private func refuses(_ outcome: Outcome, _ reason: String) -> Bool {
            outcome.code == 254 && outcome.errors.contains(reason)
        }

        /// The records of the images in the store.
        private func records() -> [String] {
            let index = "data/images/index"
            return lab.rkt.scratch.list(index).filter { $0.hasSuffix(".json") }
                .map { lab.rkt.scratch("\(index)/\($0)") }
        }

        @Test func anotherKeyIsAskedFor() throws {
            let first = try lab.key("first")
            let second = try lab.key("second", "ed25519")
            try lab.policy(keys: [first])
            let digest = try lab.push()
            try lab.sign(digest, by: "first")
            #expect(try lab.run().text == "one")
            // The key counts, not its file.
            try tool("cp", first, first + ".copy")
            try lab.policy(keys: [second, first + ".copy"])
            #expect(try lab.run(pull: "never").text == "one")

            try lab.policy(keys: [second])
            let never = try lab.run(pull: "never")
            #expect(refuses(never, "by one of its keys, and it has one by sha256:"), "\(never)")
            for pull in ["new", "update"] {
                let outcome = try lab.run(pull: pull)
                #expect(refuses(outcome, "none of the policy's keys has made it"), "\(outcome)")
            }
            try lab.publish(
                [lab.envelope(SignedRegistry.statement(digest), by: "second")],
                of: digest,
                .referrer
            )
            let again = try lab.run(pull: "new")
            #expect(again.text == "one", "\(again)")
            #expect(again.errors.contains("is in the store, but the policy"), "\(again)")
            #expect(try lab.run(pull: "never").text == "one")
            // What the first key has signed wasn't forgotten.
            try lab.policy(keys: [first])
            #expect(try lab.run(pull: "never").text == "one")
        }

        @Test func aRecordThatDoesNotSayWhichKeyIsNotEnough() throws {
            try lab.policy(keys: [lab.key("team")])
            try lab.sign(try lab.push(), by: "team")
            #expect(try lab.fetch().succeeded)
            let record = try #require(records().first)
            // As earlier versions have written it.
            let bytes = try Data(contentsOf: URL(fileURLWithPath: record))
            var json = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
            json["signatures"] = nil
            json["warrant"] = ["signedByKey": lab.rkt.scratch("team.pub")]
            try JSONSerialization.data(withJSONObject: json)
                .write(to: URL(fileURLWithPath: record))
            let never = try lab.run(pull: "never")
            #expect(refuses(never, "it has one by"), "\(never)")
            let again = try lab.run(pull: "new")
            #expect(again.text == "one", "\(again)")
            #expect(try lab.run(pull: "never").text == "one")
        }

        @Test func aSignatureCountsForTheNameThatItWasAcceptedFor() throws {
            let key = try lab.key("team")
            try lab.policy(keys: [key])
            try lab.sign(try lab.push(), by: "team")
            #expect(try lab.fetch().succeeded)
            _ = try lab.push(to: "team/other:1")
            let place = lab.reference.replacingOccurrences(of: "/app:", with: "/other:")
            let other = String(lab.name.dropLast("app".count)) + "other"
            try lab.policy(other, "insecureAcceptAnything")
            #expect(try lab.run(place).text == "one")
            // The same image, and signed by that very key, but not as this.
            try lab.policy(keys: [key], prefix: other)
            let never = try lab.run(place, pull: "never")
            #expect(refuses(never, "wants a signature of \"\(other)\""), "\(never)")
            let new = try lab.run(place)
            #expect(refuses(new, "the registry has none"), "\(new)")
            #expect(try lab.run(pull: "never").text == "one")
            // A name that is given here is for whoever gives it to answer for.
            #expect(try lab.configured("image", "tag", lab.reference, place).succeeded)
            #expect(try lab.run(place, pull: "never").text == "one")
        }

        /// A name that an origin leads from: the key must be one for that name, too.
        @Test func theNameThatWasTypedNeedsItsOwnKeys() throws {
            let typed = "example.com/team"
            try lab.rkt.scratch.write(
                #"{"rktKind":"origin","rktVersion":"v1","prefix":"\#(typed)","registry":"\#(lab.registry.authority)/team"}"#,
                to: "config/origins.d/a.json"
            )
            let (first, second) = (try lab.key("first"), try lab.key("second"))
            let digest = try lab.push()
            try lab.sign(digest, by: "first")
            try lab.policy(keys: [first])
            try lab.policy(keys: [second], prefix: typed)
            let refused = try lab.run("\(typed)/app:1")
            #expect(refuses(refused, "wants a signature of \"\(typed)/app\""), "\(refused)")
            #expect(try !lab.rkt("image", "list").output.contains(typed))
            try lab.policy(keys: [first], prefix: typed)
            #expect(try lab.run("\(typed)/app:1").text == "one")

            try lab.policy(keys: [second])
            try lab.policy(keys: [second], prefix: typed)
            #expect(try lab.run("\(typed)/app:1", pull: "never").code == 254)
            try lab.publish(
                [lab.envelope(SignedRegistry.statement(digest), by: "second")],
                of: digest,
                .referrer
            )
            let again = try lab.run("\(typed)/app:1")
            #expect(again.text == "one", "\(again)")
            let never = try lab.run("\(typed)/app:1", pull: "never")
            #expect(never.text == "one" && !never.errors.contains("again"), "\(never)")
        }

        /// What a build begins with out of rkt's store is held to the same.
        @Test func buildsBeginWithWhatIsSignedNow() throws {
            let (first, second) = (try lab.key("first"), try lab.key("second"))
            try lab.policy(keys: [first])
            let digest = try lab.push()
            try lab.sign(digest, by: "first")
            #expect(try lab.fetch().succeeded)
            let builder = Builder(lab.rkt)
            func begin() throws -> Outcome {
                let config = "--local-config=\(lab.rkt.scratch("config"))"
                let options = [config, "--insecure-options=http"]
                let outcome = try builder(options + ["begin", "--build-mode=oci", lab.reference])
                if outcome.succeeded { try builder.all([["end"]]) }
                return outcome
            }
            let before = try begin()
            #expect(before.succeeded, "\(before)")
            try lab.policy(keys: [second])
            let refused = try begin()
            #expect(!refused.succeeded, "\(refused)")
            #expect(refused.errors.contains("none of the policy's keys has made it"), "\(refused)")
            try lab.publish(
                [lab.envelope(SignedRegistry.statement(digest), by: "second")],
                of: digest,
                .referrer
            )
            let after = try begin()
            #expect(after.succeeded, "\(after)")
        }

        @Test func listsSayWhoHasSigned() throws {
            let key = try lab.key("team")
            try lab.policy(keys: [key])
            try lab.sign(try lab.push(), by: "team")
            #expect(try lab.fetch().succeeded)
            _ = try lab.rkt.fetch(try SharedFiles.busyboxACI.get())
            let der = lab.rkt.scratch("key.der")
            try tool("openssl", "pkey", "-pubin", "-in", key, "-outform", "DER", "-out", der)
            let sum = try "sha256:" + tool("sha256sum", der).prefix(64)
            let table = try lab.rkt("image", "list", "--fields=name,signer", "--sort=importtime")
            #expect(table.lines[0].contains("SIGNED BY"), "\(table)")
            #expect(table.lines[1].contains("\(sum) (\(key))"), "\(table)")
            #expect(table.lines[2].contains("nobody (insecure-options=image)"), "\(table)")
            #expect(try !lab.rkt("image", "list").output.contains("SIGNED"))
            for command in [["image", "list"], ["image", "verify", lab.reference]] {
                let json = try lab.rkt(command + ["--format=json"])
                #expect(json.output.contains("\"fingerprint\":\"\(sum)\""), "\(json)")
                #expect(json.output.contains("\"name\":\"\(lab.name)\""), "\(json)")
            }
        }
    }

    /// ACIs in the store, while keys are trusted and taken away.
    @Suite struct ChangingTrust {
        let lab: Rkt
        let keys: KeyRing
        let aci: String

        init() throws {
            lab = try Rkt()
            keys = try KeyRing()
            aci = lab.scratch("app.aci")
            try tool("cp", try SharedFiles.busyboxACI.get(), aci)
        }

        private func configured(_ arguments: String...) throws -> Outcome {
            try lab(["--local-config=\(lab.scratch("config"))"] + arguments)
        }

        private func run(_ image: String = busybox, pull: String = "never") throws -> Outcome {
            try configured("run", "--pull-policy=\(pull)", "--net=none", image, "--exec=/bin/true")
        }

        private func trust(_ signer: String) throws -> String {
            let fingerprint = try keys.makeKey(signer)
            try keys.export(signer, to: lab.scratch("key.asc"))
            let outcome = try configured(
                "trust",
                "--prefix=example.com",
                "--skip-fingerprint-review",
                lab.scratch("key.asc")
            )
            #expect(outcome.succeeded, "\(outcome)")
            return fingerprint
        }

        @Test func aKeyThatIsTakenAwayCountsOnlyWhereNoRuleAsks() throws {
            let first = try trust("First <f@example.com>")
            try keys.sign(aci, by: "First <f@example.com>")
            #expect(try configured("fetch", aci).succeeded)
            #expect(try configured("trust", "rm", first).succeeded)
            #expect(try run().succeeded)

            try lab.scratch.write(
                #"{"rktKind":"policy","rktVersion":"v1","prefix":"example.com","requirement":"signedBy"}"#,
                to: "config/policy.d/p.json"
            )
            let refused = try run()
            #expect(refused.code == 254, "\(refused)")
            #expect(refused.errors.contains("it has one by \(first)"), "\(refused)")
            // The same file, signed by another key that is trusted now.
            let second = try trust("Second <s@example.com>")
            #expect(try !run().succeeded)
            try keys.sign(aci, by: "Second <s@example.com>")
            let again = try run(aci, pull: "new")
            #expect(again.succeeded, "\(again)")
            #expect(try run().succeeded)
            let list = try configured("image", "list", "--fields=signer", "--no-legend")
            #expect(list.output.contains(first) && list.output.contains(second), "\(list)")
        }

        /// What was let in without a signature gets one when the same file is imported with it.
        @Test func aSignatureThatComesLaterIsNoted() throws {
            #expect(try configured("--insecure-options=image", "fetch", aci).succeeded)
            try lab.scratch.write(
                #"{"rktKind":"policy","rktVersion":"v1","prefix":"","requirement":"signedBy"}"#,
                to: "config/policy.d/p.json"
            )
            #expect(try !run().succeeded)
            _ = try trust("First <f@example.com>")
            try keys.sign(aci, by: "First <f@example.com>")
            #expect(try configured("fetch", aci).succeeded)
            let outcome = try run()
            #expect(outcome.succeeded, "\(outcome)")
        }
    }
}
