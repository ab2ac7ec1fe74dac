import Foundation
import JSON
import TestSupport
import Testing

extension Functional {
    /// `rkt image verify`: what the store has is what it was.
    @Suite struct Verifying {
        let rkt: Rkt

        init() throws { rkt = try Rkt() }

        private func layer() throws -> String {
            let name = rkt.scratch.list("data/images/layers").first { !$0.hasSuffix(".note") }
            return "\(rkt.data)/images/layers/\(try #require(name))"
        }

        private func state(_ id: String) throws -> String? {
            let outcome = try rkt("image", "verify", "--format=json", id)
            return try JSON.parse(Array(outcome.output.utf8)).array?.first?["state"]?.string
        }

        @Test func aChangedFileIsFoundByTheSecondVerification() throws {
            let id = try rkt.fetch(try SharedFiles.busyboxACI.get())
            let first = try rkt("image", "verify", id)
            #expect(first.succeeded && first.errors.contains("noted"), "\(first)")
            let second = try rkt("image", "verify", id)
            #expect(second.succeeded && second.errors.isEmpty, "\(second)")
            #expect(second.output.contains("successfully verified checksum for image"))
            try tool("sh", "-c", "echo x >> '\(layer())/etc/passwd'")
            let third = try rkt("image", "verify", id)
            #expect(third.code == 254 && third.errors.contains("fetch it again"), "\(third)")
            #expect(try state(id) == "damaged")
            #expect(try rkt("image", "verify", "sha512-00000000").code == 254)
        }

        @Test(.requires("docker-registry")) func whatIsKeptPackedIsUnpackedAgain() throws {
            let registry = try Registry()
            let image = try SharedFiles.busyboxOCI.get()
            try tool(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--quiet",
                "--dest-tls-verify=false",
                image,
                "docker://\(registry.authority)/team/app:1"
            )
            let fetch = try rkt(
                "--insecure-options=image,http",
                "fetch",
                "docker://\(registry.authority)/team/app:1"
            )
            try #require(fetch.succeeded, "\(fetch)")
            let id = fetch.text
            #expect(try state(id) == "verified")
            let layer = try layer()
            try tool("sh", "-c", "rm '\(layer)/bin/sh'; echo x >> '\(layer)/etc/passwd'")
            #expect(try state(id) == "repaired")
            #expect(try state(id) == "verified")
            let run = try rkt("run", "--net=none", id, "--exec=/bin/sh", "--", "-c", "echo ran")
            #expect(run.text == "ran", "\(run)")
            // A packed layer that is damaged too can't mend anything.
            for blob in rkt.scratch.list("data/images/blobs/sha256") {
                try tool("sh", "-c", "echo x >> '\(rkt.data)/images/blobs/sha256/\(blob)'")
            }
            #expect(try state(id) == "damaged")
            #expect(rkt.scratch.list("data/tmp").isEmpty)
        }
    }
}
