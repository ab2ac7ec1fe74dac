import Foundation
import TestSupport
import Testing

extension Functional {
    /// Registries that break, are busy, slow or changeable: what passes is got over, what doesn't ends clearly and leaves nothing.
    @Suite struct FaultyRegistries {
        private typealias Reply = ScriptedServer.Reply
        let rkt: Rkt

        init() throws {
            rkt = try Rkt()
            try limit(attempts: 3)
        }

        /// How patient rkt is, so that nobody waits long for the end of it.
        private func limit(attempts: Int) throws {
            try rkt.scratch.write(
                #"{"rktKind":"transfers","rktVersion":"v1","attempts":\#(attempts),"firstPauseMilliseconds":10,"silenceSeconds":1}"#,
                to: "etc/transfers.d/quick.json"
            )
        }

        private func fetch(_ authority: String, _ flags: String = "image,http") throws -> Outcome {
            try rkt(
                "--insecure-options=\(flags)",
                "--local-config=\(rkt.scratch("etc"))",
                "fetch",
                "--full",
                "docker://\(authority)/a/b:1",
                within: 30
            )
        }

        private func expectRefusal(_ outcome: Outcome, _ words: String) {
            #expect(outcome.code == 254 && outcome.errors.contains(words), "\(outcome)")
            #expect(rkt.hasEmptyStore, "\(rkt.scratch.list("data/images/downloads"))")
        }

        // MARK: - Breaks

        /// The other half is asked for by itself, and what comes then is of a server that has changed its mind about the tag, or
        /// doesn't do what it was asked.
        @Test(arguments: [
            "rest", "otherTag", "whole", "otherPart", "notThisPart",
        ])
        func aBreakInALayerIsMended(_ answer: String) throws {
            let image = try RegistryImage(noise: 1 << 20)
            let asked = Counter()
            let server = try ScriptedServer(image) { request, reply in
                guard image.isLayer(request) else { return }
                let isFirst = asked.next() == 0
                if answer == "otherTag" {
                    reply = .file(image.layer, to: request, tag: isFirst ? "\"1\"" : "\"2\"")
                }
                if isFirst { reply.breaksAfter = image.layer.count / 2 }
                guard request.headers["range"] != nil else { return }
                switch answer {
                case "whole": reply = Reply(200, image.layer)
                case "otherPart":
                    let count = image.layer.count
                    reply = Reply(206, image.layer)
                    reply.headers["Content-Range"] = "bytes 0-\(count - 1)/\(count)"
                case "notThisPart": reply = Reply(416, "")
                default: break
                }
            }
            let outcome = try fetch(server.authority)
            #expect(outcome.text == image.id, "\(outcome)")
            let ranges = server.requests.filter(image.isLayer).map { $0.headers["range"] != nil }
            let expected = answer.hasSuffix("Part") ? [false, true, false] : [false, true]
            #expect(ranges == expected)
        }

        /// More breaks than attempts: each of them brings a piece, so it goes on.
        @Test func whoeverGetsOnArrives() throws {
            let image = try RegistryImage(noise: 1 << 20)
            let server = try ScriptedServer(image) { request, reply in
                if image.isLayer(request) { reply.breaksAfter = 200_000 }
            }
            let outcome = try fetch(server.authority)
            #expect(outcome.text == image.id, "\(outcome)")
            #expect(server.requests.filter(image.isLayer).count > 4)
        }

        /// The rest is of other bytes: nothing of them is believed, nothing stays, and the next time begins anew.
        @Test func theRestOfAnotherLayerIsRefused() throws {
            let image = try RegistryImage(noise: 1 << 20)
            let asked = Counter()
            let server = try ScriptedServer(image) { request, reply in
                guard image.isLayer(request) else { return }
                switch asked.next() {
                case 0: reply.breaksAfter = image.layer.count / 2
                case 1: reply.body = Data(reply.body.map { $0 ^ 1 })
                default: break
                }
            }
            expectRefusal(try fetch(server.authority), "sha256:")
            let again = try fetch(server.authority)
            #expect(again.text == image.id, "\(again)")
        }

        /// One process gets other bytes than it should, while another one waits for the same layer.
        @Test func whoeverWaitsForADownloadThatFailsBeginsAnew() throws {
            let image = try RegistryImage()
            let asked = Counter()
            let othersWait = DispatchSemaphore(value: 0)
            let server = try ScriptedServer(image) { request, reply in
                guard image.isLayer(request), asked.next() == 0 else { return }
                othersWait.wait()
                reply.body = Data(reply.body.map { $0 ^ 1 })
            }
            let command = [
                "--insecure-options=image,http", "fetch", "--full", "--format=json",
                "docker://\(server.authority)/a/b:1",
            ]
            let first = try rkt.start(command)
            #expect(eventually { server.requests.contains(where: image.isLayer) })
            let second = try rkt.start(command)
            #expect(eventually { second.errors.contains("waiting") })
            othersWait.signal()
            let refused = first.finished(within: 30)
            #expect(refused.code == 254 && refused.errors.contains("sha256:"), "\(refused)")
            let done = second.finished(within: 30)
            #expect(done.succeeded && done.output.contains(image.id), "\(done)")
        }

        // MARK: - Busy servers

        @Test(arguments: [
            ["Retry-After": "1"],
            [
                "Retry-After": "Sun, 06 Nov 1994 08:49:38 GMT",
                "Date": "Sun, 06 Nov 1994 08:49:37 GMT",
            ],
        ])
        func whoeverIsBusyIsLeftAloneAsLongAsItAsks(_ headers: [String: String]) throws {
            let image = try RegistryImage()
            let asked = Counter()
            let server = try ScriptedServer(image) { request, reply in
                if image.isLayer(request), asked.next() == 0 {
                    reply = Reply(429, "", headers: headers)
                }
            }
            let outcome = try fetch(server.authority)
            #expect(outcome.text == image.id, "\(outcome)")
            let times = server.requests.filter(image.isLayer).map(\.time)
            try #require(times.count == 2)
            let pause = times[1].timeIntervalSince(times[0])
            #expect(pause >= 1 && pause < 10 * Machine.patience, "\(pause)")
        }

        @Test func whoeverAsksForTooMuchIsLeft() throws {
            let server = try ScriptedServer(RegistryImage()) { _, reply in
                reply = Reply(429, "", headers: ["Retry-After": "86400"])
            }
            expectRefusal(try fetch(server.authority), "429")
            #expect(server.requests.filter { $0.path != "/v2/" }.count == 1)
        }

        @Test(arguments: [408, 500, 502, 503, 504], ["/manifests/", "/blobs/"])
        func whatPassesIsGotOver(_ status: Int, _ place: String) throws {
            let image = try RegistryImage()
            let asked = Counter()
            let server = try ScriptedServer(image) { request, reply in
                guard request.path.contains(place), asked.next() < 2 else { return }
                reply = Reply(status, "busy")
            }
            let outcome = try fetch(server.authority)
            #expect(outcome.text == image.id, "\(outcome)")
        }

        @Test(arguments: ["/manifests/", "/blobs/", "layer"])
        func whatDoesNotPassEnds(_ place: String) throws {
            let image = try RegistryImage()
            let isMeant: @Sendable (ScriptedServer.Request) -> Bool = {
                place == "layer" ? image.isLayer($0) : $0.path.contains(place)
            }
            let server = try ScriptedServer(image) { request, reply in
                if isMeant(request) { reply = Reply(503, "out of order") }
            }
            expectRefusal(try fetch(server.authority), "503: out of order")
            #expect(server.requests.filter(isMeant).count == 3)
        }

        /// A mirror has one chance, as somebody stands behind it; and nobody does anything while it answers.
        @Test(arguments: [false, true]) func aMirrorThatIsBusyIsPassedOver(_ isBusy: Bool) throws {
            let image = try RegistryImage()
            let mirror = try ScriptedServer(image) { request, reply in
                if isBusy { reply = Reply(503, "") }
            }
            let registry = try ScriptedServer(image)
            try rkt.scratch.write(
                #"{"rktKind":"registry","rktVersion":"v1","registries":["\#(registry.authority)"],"mirrors":["127.0.0.1:1","\#(mirror.authority)"]}"#,
                to: "etc/registries.d/a.json"
            )
            let outcome = try fetch(registry.authority)
            #expect(outcome.text == image.id, "\(outcome)")
            #expect(registry.requests.isEmpty == !isBusy)
            let asked = mirror.requests.filter { $0.path.contains("/manifests/") }
            #expect(asked.count == 1)
        }

        // MARK: - Slow servers

        /// Two seconds, of which none is silent.
        @Test func aLayerThatTricklesArrives() throws {
            let image = try RegistryImage()
            let server = try ScriptedServer(image) { request, reply in
                if image.isLayer(request) { reply.trickle = image.layer.count / 20 }
            }
            let outcome = try fetch(server.authority)
            #expect(outcome.text == image.id, "\(outcome)")
        }

        @Test func aLayerThatStallsEndsAndGoesOnTheNextTime() throws {
            try limit(attempts: 1)
            let image = try RegistryImage()
            let asked = Counter()
            let server = try ScriptedServer(image) { request, reply in
                guard image.isLayer(request), asked.next() == 0 else { return }
                reply.claimedLength = image.layer.count
                reply.body = image.layer.prefix(50)
                reply.staysOpen = true
            }
            let stalled = try fetch(server.authority)
            #expect(stalled.code == 254 && stalled.errors.contains("too slow"), "\(stalled)")
            let again = try fetch(server.authority)
            #expect(again.text == image.id, "\(again)")
            #expect(server.requests.last?.headers["range"] == "bytes=50-")
        }

        // MARK: - Redirects

        @Test(arguments: ["/manifests/", "/blobs/"])
        func redirectsInACircleEnd(_ place: String) throws {
            let server = try ScriptedServer(RegistryImage()) { request, reply in
                if request.path.contains(place) {
                    reply = Reply(307, "", headers: ["Location": request.target])
                }
            }
            expectRefusal(try fetch(server.authority), "more than 10 redirects")
            #expect(server.requests.filter { $0.path.contains(place) }.count == 11)
        }

        @Test(arguments: ["image", "image,http"])
        func noRedirectLeadsFromTLSToPlainHTTP(_ flags: String) throws {
            let image = try RegistryImage()
            let plain = try ScriptedServer(image)
            let server = try ScriptedServer(image) { request, reply in
                if image.isLayer(request) {
                    reply = Reply(307, "", headers: ["Location": plain.url(request.target)])
                }
            }
            let front = try TLSFront(server.port)
            let outcome = try rkt(
                "--insecure-options=\(flags)",
                "fetch",
                "docker://\(front.authority)/a/b:1",
                environment: ["SSL_CERT_FILE": front.certificate, "PATH": "/usr/bin:/bin"]
            )
            expectRefusal(outcome, "a redirect from https to plain http")
            #expect(plain.requests.isEmpty)
        }

        // MARK: - Tags

        /// A tag is asked for once; all that follows is named by digests, so it is of one image.
        @Test func aTagThatMovesMeanwhileGivesOneImage() throws {
            let images = try ["old", "new"].map { try RegistryImage($0) }
            let indexes = images.map { RegistryImage.index([$0.entry(for: "linux/amd64")]) }
            let asked = Counter()
            let server = try ScriptedServer { request in
                if request.path.hasSuffix("/manifests/1") {
                    let index = indexes[min(asked.next(), 1)]
                    return Reply(200, index, headers: ["Content-Type": RegistryImage.indexType])
                }
                if request.path.contains("/manifests/") {
                    let image = images.first { request.path.hasSuffix($0.manifestDigest) }
                    return image?.answer(to: request) ?? Reply(404, "")
                }
                return images.map { $0.answer(to: request) }.first { $0.status != 404 }
                    ?? Reply(404, "")
            }
            for image in images {
                let outcome = try fetch(server.authority)
                #expect(outcome.text == image.id, "\(outcome)")
            }
            let byTag = server.requests.filter { $0.path.hasSuffix("/manifests/1") }
            #expect(byTag.count == 2)
        }
    }
}
