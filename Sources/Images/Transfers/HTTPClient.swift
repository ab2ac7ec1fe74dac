internal import Linux
internal import Synchronization

/// Talks to web servers: several threads may, each by one request at a time.
///
/// Everything that goes wrong on the way is tried again if it may pass; redirects are followed by the rules of
/// ``TransferPolicy``: credentials and headers stay with the host they are for, and https never becomes http.
package final class HTTPClient: Sendable {
    /// What is allowed.
    package let policy: TransferPolicy
    private let idle = Mutex<[Connection]>([])
    private let stopped = Atomic<Bool>(false)

    /// A client; the first one must be made before the process has threads.
    package init(_ policy: TransferPolicy = TransferPolicy()) {
        self.policy = policy
        _ = Connection.isReady
    }

    /// Ends every request under way, and every later one.
    package func stop() { stopped.store(true, ordering: .relaxed) }

    /// Whether ``stop()`` was called.
    package var isStopped: Bool { stopped.load(ordering: .relaxed) }

    /// Gets what is at a URL, which must be there and not longer than `limit` bytes.
    package func get(
        _ url: WebURL,
        limit: Int,
        headers: HTTPHeaders = HTTPHeaders(),
        authorization: Authorization? = nil
    ) throws(TransferError) -> HTTPAnswer {
        try answer(
            to: HTTPRequest(.get, url, headers: headers, authorization: authorization),
            limit: limit
        )
    }

    /// Makes a request whose answer is kept in memory; an answer that is an error is thrown.
    package func answer(
        to request: HTTPRequest,
        limit: Int = 1 << 20
    ) throws(TransferError) -> HTTPAnswer {
        let sink = MemorySink(limit: limit)
        let response = try perform(request, into: sink)
        return HTTPAnswer(response: response, bytes: sink.bytes)
    }

    /// Makes a request, as often as it takes.
    ///
    /// - Returns: an answer that isn't an error: 2xx, or 304 to a conditional request, or a redirect that isn't followed, or
    ///   one that the request expects.
    package func perform(
        _ request: HTTPRequest,
        into sink: any ResponseSink
    ) throws(TransferError) -> HTTPResponse {
        var policy = policy
        policy.attempts = request.attempts ?? policy.attempts
        var patience = Patience(policy)
        while true {
            var asked: Int64 = 0
            do throws(TransferError) {
                var prepared = request
                try sink.prepare(&prepared)
                return try follow(prepared, into: sink, asked: { asked = $0 })
            } catch {
                guard try mayPass(error, sink), !isStopped,
                    let pause = patience.pause(asked: asked, hasAdvanced: sink.hasAdvanced())
                else { throw error }
                try wait(milliseconds: pause)
            }
        }
    }

    /// Whether it may go well the next time.
    private func mayPass(
        _ error: TransferError,
        _ sink: any ResponseSink
    ) throws(TransferError) -> Bool {
        switch error {
        // What is there already may be all of it, or nothing that the server knows any more.
        case .status(416, _, _), .status(206, _, _): try sink.startOver()
        default: error.isPassing
        }
    }

    /// How often, and after which pauses, a request is made again.
    private struct Patience {
        private let policy: TransferPolicy
        private var attempt = 1
        private var delay: Int64

        init(_ policy: TransferPolicy) {
            self.policy = policy
            delay = policy.firstDelayMilliseconds
        }

        /// How long to wait after an attempt that failed; nil if it was the last one.
        ///
        /// One that has brought a good piece of the body doesn't count: who is sent away again and again, and gets on, arrives.
        mutating func pause(asked: Int64, hasAdvanced: Bool) -> Int64? {
            if hasAdvanced { self = Patience(policy) }
            guard attempt < policy.attempts, asked <= policy.longestDelaySeconds * 1000 else {
                return nil
            }
            defer {
                attempt += 1
                delay = min(delay * 2, policy.longestDelaySeconds * 1000)
            }
            return max(delay, asked)
        }
    }

    /// Waits in short steps, so that ``stop()`` is heard.
    private func wait(milliseconds: Int64) throws(TransferError) {
        var left = milliseconds
        while left > 0 {
            if isStopped { throw .stopped }
            pause(milliseconds: min(left, 50))
            left -= 50
        }
    }
}

// MARK: - One attempt

extension HTTPClient {
    /// Follows redirects; `asked` is told how many milliseconds a server wants to be left alone.
    private func follow(
        _ request: HTTPRequest,
        into sink: any ResponseSink,
        asked: (Int64) -> Void
    ) throws(TransferError) -> HTTPResponse {
        var request = request
        for _ in 0...policy.redirects {
            let exchange = try exchange(request, into: sink)
            let response = exchange.response
            switch response.status {
            case 200...299, 304: return response
            case let status where request.expectedStatuses.contains(status): return response
            case 301, 302, 303, 307, 308:
                guard request.followsRedirects, request.body.length == 0,
                    request.method == .get || request.method == .head
                else { return response }
                request = try request.redirected(by: response)
            default:
                if let seconds = response.headers.retryAfter { asked(seconds * 1000) }
                throw .status(response.status, response.url, reason: words(of: exchange))
            }
        }
        throw .content(request.url, reason: "more than \(policy.redirects) redirects")
    }

    private func exchange(
        _ request: HTTPRequest,
        into sink: any ResponseSink
    ) throws(TransferError) -> Exchange {
        try policy.check(request)
        if isStopped { throw .stopped }
        guard let connection = idle.withLock({ $0.popLast() }) ?? Connection() else {
            throw .connection(request.url, reason: "no memory for a connection")
        }
        let exchange = Exchange(request, policy, into: sink) { [self] in isStopped }
        let end = connection.perform(exchange, policy)
        idle.withLock { $0.append(connection) }
        if let failure = exchange.failure { throw failure }
        switch end.outcome {
        case .answered: return exchange
        case .certificate: throw .certificate(request.url, reason: end.reason)
        case .connection:
            throw .connection(request.url, reason: end.reason)
        case .content: throw .content(request.url, reason: end.reason)
        case .broken: throw .broken(request.url, reason: end.reason)
        }
    }

    /// What a server says about an error, on one line.
    private func words(of exchange: Exchange) -> String {
        let text = String(decoding: exchange.errorBody, as: UTF8.self)
        guard !text.contains("<"), text.count <= 1000 else { return "" }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ").trimmed
    }
}

extension HTTPRequest {
    /// The request that a redirect asks for.
    fileprivate func redirected(by response: HTTPResponse) throws(TransferError) -> HTTPRequest {
        guard let location = response.headers["Location"] else {
            throw .content(url, reason: "a redirect to nowhere")
        }
        var next = self
        next.url = try url.resolving(location)
        guard next.url.isSecure || !url.isSecure else {
            throw .insecure(url, reason: "a redirect from https to plain http")
        }
        if next.url.origin != url.origin {
            next.authorization = nil
            next.headers = headers.harmless
        }
        return next
    }
}
