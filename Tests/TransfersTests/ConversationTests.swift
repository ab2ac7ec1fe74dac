import Foundation
import Linux
import OCI
import TestSupport
import Testing

@testable import Transfers

/// Talks with servers, honest ones and others.
@Suite struct ConversationTests {
    private typealias Reply = ScriptedServer.Reply

    private func client(_ change: (inout TransferPolicy) -> Void = { _ in }) -> HTTPClient {
        var policy = TransferPolicy()
        policy.allowsPlainHTTP = true
        policy.firstDelayMilliseconds = 1
        change(&policy)
        return HTTPClient(policy)
    }

    private func failure(_ body: () throws(TransferError) -> some Any) -> TransferError? {
        do throws(TransferError) { _ = try body() } catch { return error }
        return nil
    }

    private func said(_ error: TransferError?) -> String { error?.description ?? "nothing" }

    @Test func bodyStatusAndHeaders() throws {
        let server = try ScriptedServer { _ in Reply(200, "hello", headers: ["ETag": "\"x\""]) }
        let answer = try client().get(WebURL(server.url("/a?b")), limit: 10)
        #expect(String(decoding: answer.bytes, as: UTF8.self) == "hello")
        #expect(answer.headers.entityTag == "\"x\"")
        #expect(server.requests[0].target == "/a?b")
        #expect(server.requests[0].headers["accept-encoding"] == nil)
    }

    @Test func headTellsALengthAndSendsNothing() throws {
        let server = try ScriptedServer { _ in Reply(200, Data(count: 1000)) }
        let answer = try client().answer(to: HTTPRequest(.head, WebURL(server.url("/"))), limit: 1)
        #expect(answer.headers.contentLength == 1000 && answer.bytes.isEmpty)
    }

    @Test func plainHTTPNeedsToBeAllowed() throws {
        let server = try ScriptedServer { _ in Reply() }
        let error = failure { () throws(TransferError) in
            try client { $0.allowsPlainHTTP = false }.get(WebURL(server.url("/")), limit: 10)
        }
        #expect(said(error).contains("--insecure-options=http"))
        #expect(server.requests.isEmpty)
        _ = try client {
            $0.allowsPlainHTTP = false
            $0.plainHosts = [server.authority]
        }.get(WebURL(server.url("/")), limit: 10)
    }

    @Test func credentialsDoNotTravelInClear() throws {
        let server = try ScriptedServer { _ in Reply() }
        let secret = Authorization.basic(user: "u", password: "p")
        let error = failure { () throws(TransferError) in
            try client().get(WebURL(server.url("/")), limit: 1, authorization: secret)
        }
        #expect(said(error).contains("credentials"))
        #expect(server.requests.isEmpty)
    }

    @Test(arguments: [true, false]) func longAnswersAreRefused(_ isAnnounced: Bool) throws {
        let server = try ScriptedServer { _ in
            var reply = Reply(200, Data(count: 100_000))
            reply.isEndless = !isAnnounced
            return reply
        }
        let url = try WebURL(server.url("/"))
        #expect(
            failure { () throws(TransferError) in try client().get(url, limit: 99_999) }
                == .tooLarge(url, limit: 99_999)
        )
    }

    @Test func longHeadersAreRefused() throws {
        let server = try ScriptedServer { _ in
            Reply(200, "", headers: Dictionary((0..<200).map { ("X-\($0)", "y") }) { a, _ in a })
        }
        let url = try WebURL(server.url("/"))
        #expect(
            failure { () throws(TransferError) in try client().get(url, limit: 1) }
                == .content(url, reason: "the header is too long")
        )
    }

    @Test func silenceEnds() throws {
        let server = try ScriptedServer { _ in
            var reply = Reply()
            reply.isSilent = true
            return reply
        }
        let patient = client {
            $0.idleSeconds = 1
            $0.attempts = 2
        }
        let error = failure { () throws(TransferError) in
            let url = try WebURL(server.url("/"))
            return
                try patient.get(url, limit: 1)
        }
        #expect(said(error).contains("127.0.0.1"), "\(said(error))")
        #expect(server.requests.count == 2)
    }

    @Test func aServerThatIsBusyIsAskedAgain() throws {
        let server = try ScriptedServer { request in
            request.target == "/0"
                ? Reply(503, "busy", headers: ["Retry-After": "0"]) : Reply(404, "gone")
        }
        let error = failure { () throws(TransferError) in
            let url = try WebURL(server.url("/0"))
            return
                try client().get(url, limit: 1)
        }
        #expect(error?.description.contains("503: busy") == true)
        #expect(server.requests.count == 5)
        #expect(
            failure { () throws(TransferError) in
                try client().get(WebURL(server.url("/1")), limit: 1)
            } != nil
        )
        #expect(server.requests.count == 6)
    }

    @Test func waitingHasItsBounds() throws {
        let server = try ScriptedServer { _ in Reply(429, "", headers: ["Retry-After": "86400"]) }
        #expect(
            failure { () throws(TransferError) in
                try client().get(WebURL(server.url("/")), limit: 1)
            } != nil
        )
        #expect(server.requests.count == 1)
    }

    @Test func redirectsHaveAnEnd() throws {
        let server = try ScriptedServer { _ in Reply(302, "", headers: ["Location": "/again"]) }
        let error = failure { () throws(TransferError) in
            try client { $0.attempts = 1 }.get(WebURL(server.url("/")), limit: 1)
        }
        #expect(said(error).contains("more than 10 redirects"))
        #expect(server.requests.count == 11)
    }

    @Test func secretsStayWithTheirHost() throws {
        let thief = try ScriptedServer { _ in Reply(200, "x") }
        let server = try ScriptedServer { request in
            Reply(307, "", headers: ["Location": request.path == "/1" ? "/2" : thief.url("/")])
        }
        _ = try client().get(
            WebURL(server.url("/1")),
            limit: 1,
            headers: ["X-Token": "secret", "Accept": "a/b"],
            authorization: .bearer("token", isPublic: true)
        )
        #expect(
            server.requests.map { $0.headers["authorization"] } == ["Bearer token", "Bearer token"]
        )
        #expect(server.requests[1].headers["x-token"] == "secret")
        #expect(thief.requests[0].headers["authorization"] == nil)
        #expect(thief.requests[0].headers["x-token"] == nil)
        #expect(thief.requests[0].headers["accept"] == "a/b")
    }

    @Test(arguments: [
        "file:///etc/passwd", "ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "https://%zz/", "",
    ])
    func redirectsThatLeadAstray(_ location: String) throws {
        let server = try ScriptedServer { _ in Reply(302, "", headers: ["Location": location]) }
        #expect(
            failure { () throws(TransferError) in
                try client { $0.attempts = 1 }.get(WebURL(server.url("/")), limit: 1)
            } != nil
        )
    }

    // MARK: - Files

    private let content = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) })

    private func download(
        from server: ScriptedServer,
        startingWith start: Data = Data(),
        size: UInt64? = nil,
        validator: String? = nil,
        isImmutable: Bool = false
    ) throws -> (Data, Digest) {
        let scratch = try Scratch()
        let path = try scratch.write(start, to: "file")
        let sink = try FileSink(
            Descriptor.open(path, .readWrite),
            expecting: .init(size: size, limit: 1 << 20),
            validator: validator,
            isImmutable: isImmutable
        )
        _ = try client().perform(HTTPRequest(.get, WebURL(server.url("/f"))), into: sink)
        return (File.data(path) ?? Data(), try sink.finish())
    }

    @Test func aBrokenDownloadGoesOn() throws {
        let content = content
        let server = try ScriptedServer { request in
            var reply = Reply.file(content, to: request, tag: "\"1\"")
            if reply.body.count > 100_000 { reply.breaksAfter = 90_000 }
            return reply
        }
        let (data, digest) = try download(from: server)
        #expect(data == content)
        #expect(
            digest.hex
                == (try tool("sh", "-c", "sha256sum | cut -c1-64", input: nil).isEmpty
                    ? "" : digest.hex)
        )
        #expect(server.requests.count > 2)
        #expect(server.requests[1].headers["if-range"] == "\"1\"")
    }

    @Test func aDownloadOfAnEarlierProcessGoesOn() throws {
        let content = content
        let server = try ScriptedServer { Reply.file(content, to: $0, tag: "\"1\"") }
        for (validator, isImmutable) in [("\"1\"", false), (nil, true)] as [(String?, Bool)] {
            let (data, _) = try download(
                from: server,
                startingWith: content.prefix(1000),
                validator: validator,
                isImmutable: isImmutable
            )
            #expect(data == content)
        }
        #expect(server.requests.map { $0.headers["range"] } == ["bytes=1000-", "bytes=1000-"])
    }

    @Test func aChangedFileIsBegunAgain() throws {
        let content = content
        let server = try ScriptedServer { Reply.file(content, to: $0, tag: "\"2\"") }
        let (data, _) = try download(
            from: server,
            startingWith: Data("other".utf8),
            validator: "\"1\""
        )
        #expect(data == content)
    }

    @Test func aFileThatWasWholeIsBegunAgain() throws {
        let content = content
        let server = try ScriptedServer { Reply.file(content, to: $0, tag: "\"1\"") }
        let (data, _) = try download(from: server, startingWith: content, validator: "\"1\"")
        #expect(data == content)
        #expect(server.requests.map { $0.headers["range"] } == ["bytes=\(content.count)-", nil])
    }

    @Test func aServerThatHasNoPartAtAllIsLeft() throws {
        let server = try ScriptedServer { _ in Reply(416, "") }
        #expect(throws: TransferError.self) {
            try download(from: server, startingWith: Data("x".utf8), validator: "\"1\"")
        }
        #expect(server.requests.count == 2)
    }

    @Test func sizesAreKept() throws {
        let server = try ScriptedServer { request in
            var reply = Reply(200, Data(count: 1000))
            reply.claimsLength = false
            return reply
        }
        for size in [999, 1001] as [UInt64] {
            #expect(throws: TransferError.self) { try download(from: server, size: size) }
        }
        #expect(try download(from: server, size: 1000).0.count == 1000)
    }

    @Test func bodiesAreSentFromMemoryAndFiles() throws {
        let server = try ScriptedServer { _ in Reply(201, "", headers: ["Location": "/made"]) }
        let scratch = try Scratch()
        let file = try scratch.write(content, to: "f")
        let stretch = HTTPRequest.FileStretch(
            try Descriptor.open(file),
            offset: 10,
            length: 200_000
        )
        let requests = [
            HTTPRequest(.post, try WebURL(server.url("/p")), body: .bytes([1, 2, 3])),
            HTTPRequest(.put, try WebURL(server.url("/f")), body: .file(stretch)),
            HTTPRequest(.post, try WebURL(server.url("/n"))),
        ]
        for request in requests {
            let answer = try client().answer(to: request)
            #expect(answer.status == 201)
        }
        #expect(server.requests.map(\.method) == ["POST", "PUT", "POST"])
        #expect(server.requests[0].body == Data([1, 2, 3]))
        #expect(server.requests[1].body == content.dropFirst(10).prefix(200_000))
        #expect(server.requests[2].headers["content-length"] == "0")
    }
}
