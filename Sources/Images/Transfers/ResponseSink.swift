internal import Linux

/// Where the body of an answer goes, piece by piece; also over several attempts.
package protocol ResponseSink: AnyObject {
    /// An attempt begins: what a former one has brought counts or not, and the request may say so.
    func prepare(_ request: inout HTTPRequest) throws(TransferError)
    /// The headers of an answer that isn't an error are there.
    func begin(_ response: HTTPResponse) throws(TransferError)
    /// A piece of the body is there.
    func take(_ bytes: Span<UInt8>) throws(TransferError)
    /// The server doesn't have the part of the body that ``prepare(_:)`` asked for: forgets what is there.
    ///
    /// - Returns: false if the whole was asked for, so that the same would happen again.
    func startOver() throws(TransferError) -> Bool
    /// Whether a good piece of the body has come to stay since this was last asked.
    func hasAdvanced() -> Bool
}

/// Keeps a body in memory, up to a limit.
package final class MemorySink: ResponseSink {
    private let limit: Int
    private var url: WebURL?
    private var hasBody = true
    /// What has come.
    package private(set) var bytes: [UInt8] = []

    /// A sink that refuses longer bodies.
    package init(limit: Int) { self.limit = limit }

    package func prepare(_ request: inout HTTPRequest) {
        bytes = []
        // The answer to HEAD tells the length of what it doesn't send.
        hasBody = request.method != .head
    }

    package func begin(_ response: HTTPResponse) throws(TransferError) {
        url = response.url
        let length = response.headers.contentLength ?? 0
        let isLong = hasBody && length > UInt64(limit)
        if isLong { throw .tooLarge(response.url, limit: UInt64(limit)) }
    }

    package func startOver() -> Bool { false }

    package func hasAdvanced() -> Bool { false }

    package func take(_ piece: Span<UInt8>) throws(TransferError) {
        guard piece.count <= limit - bytes.count else {
            guard let url else { throw .stopped }
            throw .tooLarge(url, limit: UInt64(limit))
        }
        bytes.reserveCapacity(bytes.count + piece.count)
        for index in piece.indices { bytes.append(piece[index]) }
    }
}
