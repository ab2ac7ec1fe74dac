import Foundation
import TestSupport
import Testing

extension Functional {
    /// Servers that answer 202 where a signature is asked for: it is being made, and asked for again after the image.
    @Suite struct DeferredSignatures {
        let rkt: Rkt
        let image: Data
        let signature: Data
        /// By the same key over something else.
        let otherSignature: Data

        init() throws {
            rkt = try Rkt()
            let keys = try KeyRing()
            let signer = "Late Signer <late@example.com>"
            try keys.makeKey(signer)
            let aci = rkt.scratch("app.aci")
            try tool("cp", try SharedFiles.busyboxACI.get(), aci)
            image = try #require(File.data(aci))
            signature = try #require(File.data(try keys.sign(aci, by: signer)))
            let other = try rkt.scratch.write("other", to: "other")
            otherSignature = try #require(File.data(try keys.sign(other, by: signer)))
            try keys.export(signer, to: rkt.scratch("key.asc"))
            let trust = try rkt(
                "--local-config=\(rkt.scratch("etc"))",
                "trust",
                "--prefix=example.com",
                "--skip-fingerprint-review",
                rkt.scratch("key.asc")
            )
            #expect(trust.succeeded, "\(trust)")
        }

        private static let later = ScriptedServer.Reply(202, "it is being made, please ask again")

        /// A server that has the image, and gives these answers in turn where its signature is asked for.
        private func server(_ answers: ScriptedServer.Reply...) throws -> ScriptedServer {
            let (image, asked) = (image, Counter())
            return try ScriptedServer { request in
                guard request.path.hasSuffix(".asc") else {
                    return .file(image, to: request, tag: "\"1\"")
                }
                return answers[min(asked.next(), answers.count - 1)]
            }
        }

        private func fetch(_ server: ScriptedServer) throws -> Outcome {
            try rkt(
                "--local-config=\(rkt.scratch("etc"))",
                "--insecure-options=http",
                "fetch",
                server.url("/app.aci"),
                within: 60
            )
        }

        @Test func theImageComesFirstThen() throws {
            let server = try server(Self.later, .init(200, signature))
            let outcome = try fetch(server)
            #expect(outcome.succeeded, "\(outcome)")
            #expect(outcome.errors.contains("deferring the signature download"), "\(outcome)")
            #expect(outcome.errors.contains("signature verified"), "\(outcome)")
            #expect(server.requests.map(\.path) == ["/app.aci.asc", "/app.aci", "/app.aci.asc"])
        }

        @Test func whoDefersAgainIsRefusedAndMayBeAskedAnotherDay() throws {
            let server = try server(Self.later, Self.later, .init(200, signature))
            let refused = try fetch(server)
            #expect(refused.code == 254, "\(refused)")
            #expect(refused.errors.contains("asked to defer the download again"), "\(refused)")
            #expect(rkt.hasEmptyStore)
            let outcome = try fetch(server)
            #expect(outcome.succeeded, "\(outcome)")
        }

        @Test func aLateSignatureIsCheckedAsAnyOther() throws {
            let wrong = try fetch(try server(Self.later, .init(200, otherSignature)))
            #expect(wrong.code == 254, "\(wrong)")
            #expect(wrong.errors.contains("not over this file"), "\(wrong)")
            #expect(rkt.hasEmptyStore)
            let none = try fetch(try server(Self.later, .init(404, "")))
            #expect(none.code == 254 && none.errors.contains("there is no signature"), "\(none)")
            #expect(rkt.hasEmptyStore)
        }
    }
}
