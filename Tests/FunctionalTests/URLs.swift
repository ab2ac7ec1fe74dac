import Foundation
import TestSupport
import Testing

extension Functional {
    /// ACIs from web servers.
    @Suite struct URLs {
        let rkt: Rkt
        let content: Data

        init() throws {
            rkt = try Rkt()
            content = try #require(File.data(try SharedFiles.busyboxACI.get()))
        }

        private func fetch(_ flags: [String], _ url: String) throws -> Outcome {
            try rkt(["--local-config=\(rkt.scratch("etc"))"] + flags + ["fetch", url], within: 60)
        }

        private let insecure = ["--insecure-options=image,http"]

        @Test func whatIsUnchangedIsNotSentAgain() throws {
            let content = content
            let server = try ScriptedServer { request in
                request.headers["if-none-match"] == "\"1\""
                    ? .init(304, "") : .file(content, to: request, tag: "\"1\"")
            }
            let first = try fetch(insecure, server.url("/app.aci"))
            #expect(first.succeeded, "\(first)")
            #expect(try fetch(insecure, server.url("/app.aci")).text == first.text)
            #expect(server.requests.map(\.method) == ["GET", "GET"])
            #expect(server.requests[1].headers["if-none-match"] == "\"1\"")
            #expect(rkt.scratch.list("data/images/downloads").isEmpty)
        }

        @Test func whatIsFreshIsNotAskedFor() throws {
            let content = content
            let server = try ScriptedServer { _ in
                .init(200, content, headers: ["Cache-Control": "max-age=1000"])
            }
            #expect(try fetch(insecure, server.url("/app.aci")).succeeded)
            #expect(try fetch(insecure, server.url("/app.aci")).succeeded)
            let run = try rkt([
                "run", "--net=none", server.url("/app.aci"), "--exec=/bin/echo", "--", "ran",
            ])
            #expect(run.text == "ran", "\(run)")
            #expect(server.requests.count == 1)
        }

        @Test func plainHTTPIsRefused() throws {
            let server = try ScriptedServer { _ in .init(200, "") }
            let outcome = try fetch(["--insecure-options=image"], server.url("/app.aci"))
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains("--insecure-options=http"), "\(outcome)")
            #expect(server.requests.isEmpty)
        }

        @Test func aBreakCostsOnlyTheRest() throws {
            let content = content
            let server = try ScriptedServer { request in
                var reply = ScriptedServer.Reply.file(content, to: request, tag: "\"1\"")
                if request.headers["range"] == nil { reply.breaksAfter = content.count / 2 }
                return reply
            }
            let outcome = try fetch(insecure, server.url("/app.aci"))
            #expect(outcome.succeeded, "\(outcome)")
            #expect(server.requests.count == 2)
            #expect(server.requests[1].headers["if-range"] == "\"1\"")
        }

        @Test func aLaterProcessGoesOnWhereAKilledOneStopped() throws {
            let content = content
            let server = try ScriptedServer { request in
                var reply = ScriptedServer.Reply.file(content, to: request, tag: "\"1\"")
                // Half of it, and then nothing any more, as long as nobody asks for the rest.
                if request.headers["range"] == nil {
                    reply.body = content.prefix(content.count / 2)
                    reply.claimedLength = content.count
                    reply.staysOpen = true
                }
                return reply
            }
            let killed = try rkt.start(insecure + ["fetch", server.url("/app.aci")])
            let half = UInt64(content.count / 2)
            let hasHalf = eventually {
                rkt.scratch.list("data/images/downloads").contains { name in
                    let attributes = try? FileManager.default.attributesOfItem(
                        atPath: rkt.scratch("data/images/downloads/\(name)")
                    )
                    return (attributes?[.size] as? UInt64) == half
                }
            }
            #expect(hasHalf)
            kill(-killed.pid, SIGKILL)
            killed.finished()
            let outcome = try fetch(insecure, server.url("/app.aci"))
            #expect(outcome.succeeded, "\(outcome)")
            #expect(server.requests.last?.headers["range"] == "bytes=\(half)-")
        }

        @Test func aSignatureIsFetchedAndChecked() throws {
            let keys = try KeyRing()
            let signer = "Signer <s@example.com>"
            try keys.makeKey(signer)
            let file = try rkt.scratch.write(content, to: "www/app.aci")
            try keys.sign(file, by: signer)
            try keys.export(signer, to: rkt.scratch("key.asc"))
            let signature = try #require(File.data("\(file).asc"))
            let content = content
            let server = try ScriptedServer { request in
                switch request.path {
                case "/app.aci", "/unsigned.aci": .file(content, to: request)
                case "/app.aci.asc": .file(signature, to: request)
                default: .init(404, "")
                }
            }
            let http = ["--insecure-options=http"]
            let untrusted = try fetch(http, server.url("/app.aci"))
            #expect(untrusted.code == 254, "\(untrusted)")
            let trust = try rkt(
                "--local-config=\(rkt.scratch("etc"))",
                "trust",
                "--prefix=example.com",
                "--skip-fingerprint-review",
                rkt.scratch("key.asc")
            )
            #expect(trust.succeeded, "\(trust)")
            let good = try fetch(http, server.url("/app.aci"))
            #expect(good.succeeded && good.errors.contains("signature verified"), "\(good)")
            let unsigned = try fetch(http, server.url("/unsigned.aci"))
            #expect(
                unsigned.code == 254 && unsigned.errors.contains("there is no signature"),
                "\(unsigned)"
            )
            #expect(!server.requests.contains { $0.path == "/unsigned.aci" })
        }
    }

    /// Registries that are not what they should be; nothing of their images stays.
    @Suite struct HostileRegistries {
        let rkt: Rkt

        init() throws { rkt = try Rkt() }

        private func registry(
            _ change:
                @escaping @Sendable (ScriptedServer.Request, inout ScriptedServer.Reply) -> Void
        ) throws -> ScriptedServer {
            try ScriptedServer(RegistryImage(), change)
        }

        private func refusal(_ server: ScriptedServer) throws -> Outcome {
            let outcome = try rkt(
                "--insecure-options=image,http",
                "fetch",
                "docker://\(server.authority)/a/b:1",
                within: 60
            )
            #expect(outcome.code == 254, "\(outcome)")
            let layers = rkt.scratch.list("data/images/layers").filter { !$0.hasSuffix(".note") }
            #expect(layers.isEmpty && rkt.scratch.list("data/tmp").isEmpty)
            #expect(!rkt.scratch.list("data/images/index").contains { $0.hasSuffix(".json") })
            return outcome
        }

        @Test func anHonestOneWorks() throws {
            let server = try registry { _, _ in }
            let outcome = try rkt(
                "--insecure-options=image,http",
                "fetch",
                "docker://\(server.authority)/a/b:1"
            )
            #expect(outcome.succeeded, "\(outcome)")
        }

        @Test func aLayerWithOtherBytes() throws {
            let server = try registry { request, reply in
                if request.path.contains("/blobs/"), reply.body.count > 1000 {
                    reply.body[600] ^= 1
                }
            }
            #expect(try refusal(server).errors.contains("sha256:"))
        }

        @Test(arguments: [-1, 1]) func aLayerOfAnotherLength(_ difference: Int) throws {
            let server = try registry { request, reply in
                guard request.path.contains("/blobs/"), reply.body.count > 1000 else { return }
                if difference < 0 { reply.body.removeLast() } else { reply.body.append(0) }
            }
            #expect(try refusal(server).errors.contains("bytes instead of"))
        }

        @Test func aLayerWithoutAnEnd() throws {
            let server = try registry { request, reply in
                if request.path.contains("/blobs/"), reply.body.count > 1000 {
                    reply.isEndless = true
                }
            }
            #expect(try refusal(server).errors.contains("bytes instead of"))
        }

        @Test func schemaOne() throws {
            let server = try registry { request, reply in
                guard request.path.contains("/manifests/") else { return }
                reply = .init(
                    200,
                    #"{"schemaVersion":1,"fsLayers":[]}"#,
                    headers: [
                        "Content-Type": "application/vnd.docker.distribution.manifest.v1+prettyjws"
                    ]
                )
            }
            #expect(try refusal(server).errors.contains("schema version 1"))
        }

        @Test func aManifestSentAsAnIndex() throws {
            let server = try registry { request, reply in
                guard request.path.contains("/manifests/") else { return }
                reply.headers["Content-Type"] = "application/vnd.oci.image.index.v1+json"
            }
            #expect(try refusal(server).errors.contains("is said to be"))
        }

        @Test func anotherDigestThanAnnounced() throws {
            let server = try registry { request, reply in
                guard request.path.contains("/manifests/") else { return }
                reply.headers["Docker-Content-Digest"] =
                    "sha256:" + String(repeating: "0", count: 64)
            }
            #expect(try refusal(server).errors.contains("announced"))
        }

        @Test func aManifestBomb() throws {
            let server = try registry { request, reply in
                guard request.path.contains("/manifests/") else { return }
                reply.body = Data(repeating: UInt8(ascii: " "), count: 1 << 20)
                reply.isEndless = true
            }
            #expect(try refusal(server).errors.contains("more than"))
        }

        @Test func indexesInIndexes() throws {
            let type = "application/vnd.oci.image.index.v1+json"
            var documents: [String: Data] = [:]
            var (digest, size) = (String(repeating: "1", count: 64), 2)
            for _ in 0..<8 {
                let data = Data(
                    #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[{"mediaType":"\#(type)","digest":"sha256:\#(digest)","size":\#(size)}]}"#
                        .utf8
                )
                digest = try RegistryImage.digest(data)
                size = data.count
                documents[digest] = data
            }
            let (first, all) = (documents[digest] ?? Data(), documents)
            let server = try registry { request, reply in
                guard request.path.contains("/manifests/") else { return }
                let body = all.first { request.path.hasSuffix($0.key) }?.value ?? first
                reply = .init(200, body, headers: ["Content-Type": type])
            }
            #expect(try refusal(server).errors.contains("indexes in one another"))
        }

        @Test func aTokenIsFetchedAndUsedThereOnly() throws {
            let thief = try ScriptedServer { _ in .init(404, "") }
            let server = try registry { request, reply in
                if request.path == "/token" {
                    reply = .init(200, #"{"access_token":"anonymous","expires_in":60}"#)
                } else if request.headers["authorization"] != "Bearer anonymous" {
                    let realm = "http://\(request.headers["host"] ?? "")/token"
                    reply = .init(
                        401,
                        "",
                        headers: ["WWW-Authenticate": #"Bearer realm="\#(realm)",service="s""#]
                    )
                } else if request.path.contains("/blobs/"), reply.body.count > 1000 {
                    reply = .init(307, "", headers: ["Location": thief.url("/blob")])
                }
            }
            #expect(try refusal(server).code == 254)
            #expect(
                server.requests.contains {
                    $0.target.hasPrefix("/token?service=s&scope=repository:a/b:pull")
                }
            )
            #expect(!thief.requests.isEmpty)
            #expect(thief.requests.allSatisfy { $0.headers["authorization"] == nil })
        }
    }
}

/// Counts from 0, for servers that answer otherwise the next time.
final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = -1
    func next() -> Int {
        lock.withLock {
            count += 1
            return count
        }
    }
}
