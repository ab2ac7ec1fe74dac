import Foundation
import TestSupport
import Testing

extension Functional {
    /// Sigstore's bundles, as cosign 3 signs images with a key, and what else lies among an image's referrers.
    @Suite(.requires("docker-registry"), .requires("skopeo"), .requires("openssl"))
    struct SignatureBundles {
        let lab: SignedRegistry
        let digest: String

        init() throws {
            lab = try SignedRegistry()
            digest = try lab.push()
        }

        private func publish(_ artifacts: SignedRegistry.Artifact...) throws {
            try lab.publish(artifacts, of: digest, .referrer)
        }

        @Test(arguments: ["ecdsa", "ed25519", "rsa", "rsa-pss"])
        func aSignedStatementCounts(_ kind: String) throws {
            try lab.policy(keys: [lab.key("team", kind)])
            let padding = kind == "rsa-pss" ? "pss" : nil
            let statement = SignedRegistry.statement(digest)
            try publish(lab.envelope(statement, by: "team", padding: padding))
            let outcome = try lab.run()
            #expect(outcome.text == "one", "\(outcome)")
        }

        @Test(arguments: ["ecdsa", "ed25519", "rsa", "rsa-pss"])
        func aSignatureOverTheManifestItselfCounts(_ kind: String) throws {
            try lab.policy(keys: [lab.key("team", kind)])
            let padding = kind == "rsa-pss" ? "pss" : nil
            let manifest = try lab.document(digest)
            try publish(lab.message(over: manifest, by: "team", sum: digest, padding: padding))
            let outcome = try lab.run()
            #expect(outcome.text == "one", "\(outcome)")
        }

        @Test func bundlesAreFoundByTheInterfaceForReferrers() throws {
            let server = try lab.referrersServer()
            defer { server.stop() }
            let place = "127.0.0.1:\(server.port)/team/app"
            let name = place.replacingOccurrences(of: ":", with: "_")
            try lab.policy(keys: [lab.key("team")], prefix: name)
            let refused = try lab.fetch("http", "docker://\(place):1")
            #expect(refused.errors.contains("the registry has none"), "\(refused)")
            let bundle = try lab.envelope(SignedRegistry.statement(digest), by: "team")
            try lab.publish([bundle], of: digest, .interface)
            let outcome = try lab.fetch("http", "docker://\(place):1")
            #expect(outcome.succeeded, "\(outcome)")
            #expect(server.requests.contains { $0.path.hasSuffix("/referrers/\(digest)") })
        }

        @Test func theIndexThatListsAnImageMayBeWhatIsSigned() throws {
            try lab.policy(keys: [lab.key("team")])
            let size = try lab.document(digest).count
            let type = "application/vnd.oci.image.manifest.v1+json"
            let index = """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":\
                "\(type)","digest":"\(digest)","size":\(size)}]}
                """
            let file = try lab.rkt.scratch.write(index, to: "index.json")
            let kind = "Content-Type: application/vnd.oci.image.index.v1+json"
            let url = "http://\(lab.registry.authority)/v2/team/app/manifests/2"
            try tool("curl", "-sSf", "-X", "PUT", "-H", kind, "--data-binary", "@\(file)", url)
            let sum = try "sha256:" + tool("sha256sum", file).prefix(64)
            let reference = String(lab.reference.dropLast()) + "2"
            try lab.publish(
                [lab.envelope(SignedRegistry.statement(sum), by: "team")],
                of: sum,
                .referrer
            )
            let outcome = try lab.run(reference)
            #expect(outcome.text == "one", "\(outcome)")
            // The image alone isn't what was signed.
            let alone = try lab.fetch()
            #expect(alone.code == 254, "\(alone)")
        }

        @Test func whatIsNoSignatureOfTheImageIsRefusedWithTheReason() throws {
            try lab.policy(keys: [lab.key("team")])
            try lab.key("stranger")
            let (statement, zero) = (SignedRegistry.statement, String(repeating: "0", count: 64))
            let manifest = try lab.document(digest)
            func sign(_ text: String, _ type: String? = nil) throws -> SignedRegistry.Artifact {
                try lab.envelope(text, by: "team", type: type ?? "application/vnd.in-toto+json")
            }
            func named(_ name: String?) -> String {
                statement(digest, SignedRegistry.signPredicate, name, "sha256")
            }
            func attested(_ predicate: String) -> String {
                statement(digest, predicate, nil, "sha256")
            }
            let rows: [(SignedRegistry.Artifact, String)] = [
                (
                    try lab.envelope(named(nil), by: "stranger"),
                    "none of the policy's keys has made it"
                ),
                (
                    try lab.envelope(named(nil), by: "team") {
                        $0["payload"] = Data(named("x").utf8).base64EncodedString()
                    }, "none of the policy's keys has made it"
                ),
                // The type is signed too.
                (
                    try lab.envelope(named(nil), by: "team", type: "text/plain") {
                        $0["payloadType"] = "application/vnd.in-toto+json"
                    }, "none of the policy's keys has made it"
                ), (try sign(named(nil), "text/plain"), "says nothing of an image"),
                (
                    try sign(
                        statement("sha256:" + zero, SignedRegistry.signPredicate, nil, "sha256")
                    ),
                    "it is the signature of another image, sha256:000"
                ),
                (
                    try sign(statement(digest, SignedRegistry.signPredicate, nil, "sha512")),
                    "another sum than SHA-256"
                ), (try sign(attested("https://slsa.dev/provenance/v1")), "it is an attestation"),
                (try sign(attested("https://spdx.dev/Document")), "it is an attestation"),
                (try sign(named("quay.io/other/app")), "it was signed as \"quay.io/other/app\""),
                (try sign("{"), "says nothing of an image"),
                (
                    try lab.envelope(named(nil), by: "team") {
                        $0["signatures"] = ($0["signatures"] as? [Any] ?? []) + [["sig": "AAAA"]]
                    }, "no envelope with one signature"
                ),
                (
                    try lab.message(over: manifest, by: "stranger", sum: digest),
                    "none of the policy's keys has made it"
                ),
                (
                    try lab.message(over: manifest + [0x20], by: "team", sum: digest),
                    "none of the policy's keys has made it"
                ),
                (
                    try lab.message(over: manifest, by: "team", sum: "sha256:" + zero),
                    "it is the signature of something else"
                ),
                (
                    try lab.message(over: manifest, by: "team", sum: digest, algorithm: "SHA2_512"),
                    "another sum than SHA-256"
                ),
            ]
            for (artifact, reason) in rows {
                try lab.publish([artifact], of: digest, .onlyReferrer)
                let outcome = try lab.fetch()
                #expect(
                    outcome.code == 254 && outcome.errors.contains(reason),
                    "\(reason): \(outcome)"
                )
                #expect(try lab.isEmpty())
            }
        }

        /// Bundles that no honest producer makes: each is passed over, and the good one behind them counts.
        @Test func manyBogusOnesDoNotHideTheGoodOne() throws {
            try lab.policy(keys: [lab.key("team")])
            try lab.key("stranger")
            let statement = SignedRegistry.statement(digest)
            let type = SignedRegistry.bundleType
            func raw(_ text: String) -> SignedRegistry.Artifact {
                .init(content: Data(text.utf8), mediaType: type, notes: ["n": "\(text.count)"])
            }
            let envelope = #"{"payload":"e30=","payloadType":"t","signatures":[{"sig":"AAAA"}]}"#
            var bogus = [
                raw(""), raw("null"), raw("{}"), raw(String(repeating: "[", count: 100_000)),
                raw(#"{"mediaType":"\#(type)"}"#),
                raw(#"{"mediaType":"\#(type)","mediaType":"\#(type)"}"#),
                raw(#"{"mediaType":"\#(type)","dsseEnvelope":\#(envelope),"messageSignature":{}}"#),
                raw(#"{"mediaType":"\#(type)","dsseEnvelope":{"payload":7,"signatures":{}}}"#),
                raw(#"{"mediaType":"\#(type)","dsseEnvelope":\#(envelope)}"#),
                raw(#"{"mediaType":"application/vnd.dev.sigstore.bundle.v9+json"}"#),
                raw(String(repeating: " ", count: 300_000)),
            ]
            bogus += try (0..<15).map {
                try lab.envelope(statement + String(repeating: " ", count: $0), by: "stranger")
            }
            // An image may have more attestations than signatures are looked at.
            for number in 0..<40 {
                var attestation = raw("{\"number\":\(number)}")
                attestation.notes["dev.sigstore.bundle.predicateType"] =
                    "https://slsa.dev/provenance/v1"
                bogus.append(attestation)
            }
            try lab.publish(bogus, of: digest, .referrer)
            let refused = try lab.fetch()
            #expect(refused.code == 254, "\(refused)")
            #expect(refused.errors.contains("none of the policy's keys has made it"), "\(refused)")
            try lab.publish([lab.envelope(statement, by: "team")], of: digest, .referrer)
            let outcome = try lab.run()
            #expect(outcome.text == "one", "\(outcome)")
        }

        @Test func aStatementThatNamesTheRepositoryIsHeldToIt() throws {
            let key = try lab.key("team")
            try lab.policy(
                lab.name,
                "signedBy",
                #", "keys": ["\#(key)"], "signedAs": "quay.io/team/app""#
            )
            let other = SignedRegistry.statement(digest, name: "quay.io/team/other")
            try lab.publish([lab.envelope(other, by: "team")], of: digest, .onlyReferrer)
            let refused = try lab.fetch()
            #expect(refused.errors.contains("it was signed as"), "\(refused)")
            let own = SignedRegistry.statement(digest, name: "quay.io/team/app")
            try lab.publish([lab.envelope(own, by: "team")], of: digest, .onlyReferrer)
            let outcome = try lab.fetch()
            #expect(outcome.succeeded, "\(outcome)")
        }
    }
}
