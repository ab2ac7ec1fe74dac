import CSpawn
package import Foundation

/// A web server on 127.0.0.1 that answers as a test says, also as no honest server would.
package final class ScriptedServer: Sendable {
    /// What a client asked for.
    package struct Request: Sendable {
        package let method: String
        /// The path with its query.
        package let target: String
        /// The headers, names in lower case.
        package let headers: [String: String]
        package let body: Data
        /// When all of it was there.
        package let time = Date()

        /// The path without the query.
        package var path: String { String(target.prefix { $0 != "?" }) }
    }

    /// What it gets.
    package struct Reply: Sendable {
        package var status: Int
        package var headers: [String: String]
        package var body: Data
        /// Where the connection breaks, counted in bytes of the body.
        package var breaksAfter: Int?
        /// A length to claim in place of the true one; nil claims none and closes at the end.
        package var claimedLength: Int?
        package var claimsLength = true
        /// The body is sent again and again until the client leaves.
        package var isEndless = false
        /// Nothing is sent, and the connection stays open until the client leaves.
        package var isSilent = false
        /// After the body the connection stays open until the client leaves.
        package var staysOpen = false
        /// The body is sent in pieces of so many bytes, ten in a second.
        package var trickle: Int?

        package init(_ status: Int = 200, _ body: Data = Data(), headers: [String: String] = [:]) {
            (self.status, self.body, self.headers) = (status, body, headers)
        }

        package init(_ status: Int = 200, _ text: String, headers: [String: String] = [:]) {
            self.init(status, Data(text.utf8), headers: headers)
        }

        /// What a server with ranges answers.
        package static func file(_ body: Data, to request: Request, tag: String? = nil) -> Reply {
            var headers = ["Accept-Ranges": "bytes"]
            headers["ETag"] = tag
            let range = request.headers["range"].flatMap { text in
                Int(text.dropFirst("bytes=".count).prefix { $0 != "-" })
            }
            let isSame = request.headers["if-range"].map { $0 == tag } ?? true
            guard let range, isSame else { return Reply(200, body, headers: headers) }
            guard range < body.count else {
                return Reply(416, "", headers: ["Content-Range": "bytes */\(body.count)"])
            }
            headers["Content-Range"] = "bytes \(range)-\(body.count - 1)/\(body.count)"
            return Reply(206, Data(body.dropFirst(range)), headers: headers)
        }
    }

    /// Where it listens.
    package let port: Int
    private let listener: Int32
    private let log = Log()
    private let answer: @Sendable (Request) -> Reply

    private final class Log: @unchecked Sendable {
        private let lock = NSLock()
        private var all: [Request] = []
        func add(_ request: Request) { lock.withLock { all.append(request) } }
        var requests: [Request] { lock.withLock { all } }
    }

    /// Starts a server.
    package init(_ answer: @escaping @Sendable (Request) -> Reply) throws {
        var number: Int32 = 0
        listener = unsafe CServerListen(&number)
        guard listener >= 0 else { throw CannotStart(program: "server", error: 0) }
        port = Int(number)
        self.answer = answer
        let (listener, log) = (listener, log)
        Thread.detachNewThread {
            while true {
                let client = CServerAccept(listener)
                guard client >= 0 else { return }
                Thread.detachNewThread { Self.serve(client, log, answer) }
            }
        }
    }

    deinit { stop() }

    /// Frees the port.
    package func stop() { CServerShut(listener) }

    /// What was asked so far.
    package var requests: [Request] { log.requests }
    /// Host and port.
    package var authority: String { "127.0.0.1:\(port)" }
    /// A URL on this server.
    package func url(_ path: String) -> String { "http://\(authority)\(path)" }

    private static func serve(
        _ client: Int32,
        _ log: Log,
        _ answer: (Request) -> Reply
    ) {
        var rest = Data()
        while let request = read(client, &rest) {
            log.add(request)
            let reply = answer(request)
            guard write(reply, to: request, client) else {
                return CServerClose(client, reply.breaksAfter == nil ? 0 : 1)
            }
        }
        CServerClose(client, 0)
    }

    private static func receive(_ client: Int32, _ rest: inout Data) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe CServerRead(client, $0.baseAddress, $0.count)
        }
        guard count > 0 else { return false }
        rest += buffer[..<count]
        return true
    }

    private static func read(_ client: Int32, _ rest: inout Data) -> Request? {
        let end = Data("\r\n\r\n".utf8)
        while rest.range(of: end) == nil {
            // Whoever begins to talk TLS waits for an answer that never comes.
            guard receive(client, &rest), rest.first != 0x16 else { return nil }
        }
        guard let split = rest.range(of: end) else { return nil }
        let lines = String(decoding: rest[..<split.lowerBound], as: UTF8.self)
            .components(separatedBy: "\r\n")
        rest = Data(rest[split.upperBound...])
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...]
                .trimmingCharacters(in: .whitespaces)
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while rest.count < length { guard receive(client, &rest) else { return nil } }
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        let body = Data(rest.prefix(length))
        rest = Data(rest.dropFirst(length))
        return Request(method: words[0], target: words[1], headers: headers, body: body)
    }

    /// Sends a reply; false if the connection is to be closed.
    private static func write(_ reply: Reply, to request: Request, _ client: Int32) -> Bool {
        if reply.isSilent {
            var rest = Data()
            while receive(client, &rest) {}
            return false
        }
        var head = "HTTP/1.1 \(reply.status) Said\r\n"
        let length = reply.claimedLength ?? reply.body.count
        let isClosing = reply.isEndless || !reply.claimsLength
        if !isClosing { head += "Content-Length: \(length)\r\n" }
        for (name, value) in reply.headers.sorted(by: <) { head += "\(name): \(value)\r\n" }
        head += isClosing ? "Connection: close\r\n\r\n" : "\r\n"
        guard send(Data(head.utf8), client) else { return false }
        if request.method == "HEAD" { return true }
        if let end = reply.breaksAfter {
            _ = send(reply.body.prefix(end), client)
            return false
        }
        repeat {
            guard send(reply.body, inPiecesOf: reply.trickle, client) else { return false }
        } while reply.isEndless
        if reply.staysOpen {
            var rest = Data()
            while receive(client, &rest) {}
        }
        return !isClosing && length == reply.body.count
    }

    private static func send(_ data: Data, inPiecesOf size: Int?, _ client: Int32) -> Bool {
        guard let size else { return send(data, client) }
        var rest = data
        while !rest.isEmpty {
            guard send(rest.prefix(size), client) else { return false }
            rest = rest.dropFirst(size)
            usleep(100_000)
        }
        return true
    }

    private static func send(_ data: Data, _ client: Int32) -> Bool {
        unsafe data.withUnsafeBytes { unsafe CServerWrite(client, $0.baseAddress, $0.count) } == 0
    }
}
