internal import Linux

/// One request and its answer while they travel; libcurl calls it from the thread that performs it.
final class Exchange {
    /// An answer that is an error is kept so far, for its words.
    private static let errorLimit = 16 << 10

    let request: HTTPRequest
    /// Whether the answer is kept in memory, so that it has to come soon.
    let isSmall: Bool
    private let policy: TransferPolicy
    private let sink: any ResponseSink
    private let isStopped: () -> Bool
    private var status = 0
    private var headers = HTTPHeaders()
    private var headerBytes = 0
    private var headerLines = 0
    private var hasBegun = false
    private var sent: UInt64 = 0
    /// The body of an answer that is an error or a redirect.
    private(set) var errorBody: [UInt8] = []
    /// Why we ended it ourselves.
    private(set) var failure: TransferError?

    init(
        _ request: HTTPRequest,
        _ policy: TransferPolicy,
        into sink: any ResponseSink,
        isStopped: @escaping () -> Bool
    ) {
        self.request = request
        self.policy = policy
        self.sink = sink
        self.isStopped = isStopped
        isSmall = sink is MemorySink && request.body.length == 0
    }

    /// What has been learnt of the answer so far.
    var response: HTTPResponse { HTTPResponse(status: status, headers: headers, url: request.url) }

    func isCalledOff() -> Bool {
        if isStopped() { failure = failure ?? .stopped }
        return failure != nil
    }

    func take(header line: Span<UInt8>) -> Int32 {
        headerBytes += line.count
        headerLines += 1
        guard headerBytes <= policy.headerBytes, headerLines <= policy.headerLines else {
            return fail(.content(request.url, reason: "the header is too long"))
        }
        var bytes: [UInt8] = []
        for index in line.indices { bytes.append(line[index]) }
        let text = String(decoding: bytes, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // After "100 Continue", or a proxy's word, another header follows.
            headers = HTTPHeaders()
            status =
                text.split(separator: " ").dropFirst().first.flatMap { Int(String($0).trimmed) }
                ?? 0
        } else if let colon = text.firstIndex(of: ":") {
            headers.append(
                String(text[..<colon]).trimmed,
                String(text[text.index(after: colon)...]).trimmed
            )
        } else if text.trimmed.isEmpty, 200...299 ~= status || status == 304 {
            return begin()
        }
        return 0
    }

    func take(body bytes: Span<UInt8>) -> Int32 {
        guard hasBegun else {
            let room = min(bytes.count, Self.errorLimit - errorBody.count)
            for index in 0..<room { errorBody.append(bytes[index]) }
            // What is longer says nothing that we want to hear.
            return room == bytes.count ? 0 : fail(.broken(request.url, reason: "a long error"))
        }
        do throws(TransferError) { try sink.take(bytes) } catch { return fail(error) }
        return 0
    }

    func produce(_ target: inout MutableSpan<UInt8>) -> Int64 {
        let count: Int
        switch request.body {
        case .none: return 0
        case .bytes(let bytes):
            count = min(target.count, bytes.count - Int(sent))
            for index in 0..<count { target[index] = bytes[Int(sent) + index] }
        case .file(let stretch):
            let room = Int(clamping: min(UInt64(target.count), stretch.length - sent))
            guard room > 0 else { return 0 }
            do throws(Errno) {
                count = try stretch.file.read(into: &target, at: stretch.offset + sent, limit: room)
            } catch {
                failure = .file("read what is sent", error)
                return -1
            }
        }
        sent += UInt64(count)
        return Int64(count)
    }

    func rewind() -> Int32 {
        sent = 0
        return 0
    }

    private func begin() -> Int32 {
        // A trailer ends with an empty line too.
        guard !hasBegun else { return 0 }
        hasBegun = true
        do throws(TransferError) { try sink.begin(response) } catch { return fail(error) }
        return 0
    }

    private func fail(_ error: TransferError) -> Int32 {
        failure = failure ?? error
        return -1
    }
}
