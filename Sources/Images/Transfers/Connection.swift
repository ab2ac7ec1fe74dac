internal import CTransfer
internal import Linux

// The only file of this target that touches C.

/// The parts of a URL as libcurl sees them.
@safe
struct ParsedURL {
    let whole, scheme, host, port, path: String
    let query: String?
    let hasUser: Bool

    /// Reads a URL; nil if it isn't one.
    init?(_ text: String, relativeTo base: String?) {
        let start = unsafe base.flatMap { unsafe transfer_url_open($0, nil) }
        defer { if let start = unsafe start { unsafe transfer_url_close(start) } }
        guard let url = unsafe transfer_url_open(text, start) else { return nil }
        defer { unsafe transfer_url_close(url) }
        func part(_ part: transfer_url_part) -> String? {
            guard let text = unsafe transfer_url_part(url, Int32(part.rawValue)) else { return nil }
            defer { unsafe transfer_free(text) }
            return unsafe String(cString: text)
        }
        whole = part(TRANSFER_URL_WHOLE).map { String($0.prefix { $0 != "#" }) } ?? ""
        scheme = part(TRANSFER_URL_SCHEME)?.lowercased() ?? ""
        host = part(TRANSFER_URL_HOST) ?? ""
        port = part(TRANSFER_URL_PORT) ?? ""
        path = part(TRANSFER_URL_PATH) ?? ""
        query = part(TRANSFER_URL_QUERY)
        hasUser = part(TRANSFER_URL_USER) != nil
    }
}

/// A handle of libcurl with the connections it keeps open; for one thread at a time.
@safe
final class Connection: @unchecked Sendable {
    private let handle: OpaquePointer

    init?() {
        guard let handle = unsafe transfer_open() else { return nil }
        unsafe self.handle = handle
    }

    deinit { unsafe transfer_close(handle) }

    /// What is known of libcurl's work when it ends.
    struct End {
        let outcome: Outcome
        let reason: String
    }

    /// How an exchange ended.
    enum Outcome {
        case answered, certificate, connection, content, broken

        init(_ code: Int32) {
            self =
                switch transfer_outcome(UInt32(bitPattern: code)) {
                case TRANSFER_OK: .answered
                case TRANSFER_TLS: .certificate
                case TRANSFER_PROTOCOL: .content
                case TRANSFER_SLOW, TRANSFER_BROKEN, TRANSFER_STOPPED: .broken
                default: .connection
                }
        }
    }

    /// Makes one exchange.
    func perform(_ exchange: Exchange, _ policy: TransferPolicy) -> End {
        let request = exchange.request
        var c = unsafe transfer_exchange()
        unsafe c.method = Int32(bitPattern: request.transferMethod.rawValue)
        unsafe c.verifies = policy.verifiesCertificates ? 1 : 0
        unsafe c.connect_milliseconds = policy.connectSeconds * 1000
        // A registry hashes a whole blob before it answers.
        unsafe c.idle_seconds = policy.idleSeconds * (request.body.length > 0 ? 10 : 1)
        unsafe c.idle_rate = policy.idleRate
        unsafe c.total_milliseconds = exchange.isSmall ? policy.answerSeconds * 1000 : 0
        unsafe c.body_length = Int64(clamping: request.body.length)
        unsafe c.context = Unmanaged.passUnretained(exchange).toOpaque()
        unsafe c.header = { context, line, count in
            let bytes = unsafe Span(
                _unsafeElements: UnsafeBufferPointer(start: line, count: count)
            )
            return unsafe Exchange.of(context)?.take(header: bytes) ?? -1
        }
        unsafe c.consume = { context, piece, count in
            let bytes = unsafe Span(
                _unsafeElements: UnsafeBufferPointer(start: piece, count: count)
            )
            return unsafe Exchange.of(context)?.take(body: bytes) ?? -1
        }
        unsafe c.produce = { context, target, room in
            guard let exchange = unsafe Exchange.of(context) else { return -1 }
            var span = unsafe MutableSpan(
                _unsafeElements: UnsafeMutableBufferPointer(start: target, count: room)
            )
            return exchange.produce(&span)
        }
        unsafe c.rewind = { context in
            unsafe Exchange.of(context)?.rewind() ?? -1
        }
        unsafe c.check = { context in
            unsafe Exchange.of(context)?.isCalledOff() ?? true ? 1 : 0
        }
        return unsafe withLines(request.lines) { lines in
            unsafe c.headers = unsafe lines
            return unsafe withStrings(
                [
                    request.method.rawValue, request.url.text,
                    policy.proxies.proxy(for: request.url),
                    policy.userAgent, policy.authorityFile ?? "",
                ]
            ) { texts in
                unsafe c.verb = texts[0]
                unsafe c.url = texts[1]
                unsafe c.proxy = texts[2]
                unsafe c.user_agent = texts[3]
                unsafe c.authority_file = policy.authorityFile == nil ? nil : texts[4]
                var status: Int32 = 0
                var message = [CChar](repeating: 0, count: 256)
                let outcome = unsafe transfer_perform(handle, &c, &status, &message)
                let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                return End(
                    outcome: Outcome(outcome),
                    reason: String(decoding: text, as: UTF8.self)
                )
            }
        }
    }

    /// Runs a body with a C array of C strings that ends with a null pointer.
    private func withLines<Result>(
        _ lines: [String],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        unsafe withStrings(lines) { texts in
            let ended = unsafe texts + [nil]
            return unsafe ended.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
        }
    }

    private func withStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        let storage = strings.map { Array($0.utf8CString) }
        let flat = storage.flatMap(\.self)
        return unsafe flat.withUnsafeBufferPointer { all in
            var pointers: [UnsafePointer<CChar>?] = unsafe []
            var offset = 0
            for text in storage {
                unsafe pointers.append(all.baseAddress.map { unsafe $0 + offset })
                offset += text.count
            }
            return unsafe body(pointers)
        }
    }

    /// Must have run before the first exchange of the process; a second call does nothing.
    static let isReady: Bool = transfer_start() == 0
}

extension Exchange {
    fileprivate static func of(_ context: UnsafeMutableRawPointer?) -> Exchange? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    }
}

extension HTTPRequest {
    fileprivate var transferMethod: transfer_method {
        switch method {
        case .get: TRANSFER_GET
        case .head: TRANSFER_HEAD
        case .post, .put, .patch: TRANSFER_SEND
        }
    }

    /// The header lines, the secret one included; an empty `Expect` saves a round trip for every body.
    fileprivate var lines: [String] {
        var lines = headers.texts
        if let authorization {
            lines.append("Authorization: \(authorization.value)")
            lines += authorization.companions
        }
        if method == .post || method == .put || method == .patch {
            lines.append("Expect:")
            if headers["Content-Type"] == nil { lines.append("Content-Type:") }
        }
        return lines
    }
}
