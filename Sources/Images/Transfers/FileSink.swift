internal import Compression
package import Linux
package import OCI

/// Writes a body into a file, hashing it on the way; goes on where an attempt before, or a process before, has stopped.
package final class FileSink: ResponseSink {
    private let file: Descriptor
    private let expectation: Expectation
    private let isImmutable: Bool
    private let progress: (UInt64) -> Void
    /// Told by what the file can be recognised later, when it is begun.
    package var began: (_ validator: String?) -> Void = { _ in }
    /// Told how long the body is, if the server says so.
    package var announced: (UInt64) -> Void = { _ in }
    private var hasher: Hasher?
    private var url: WebURL?
    /// By what the file was recognised as one of the server's, when it was begun.
    private var validator: String?
    /// How many bytes are there.
    package private(set) var length: UInt64 = 0
    /// What has to come so that an attempt was worth it.
    private static let goodPiece: UInt64 = 64 << 10
    /// How many bytes there were when it was last asked whether there are more.
    private var knownLength: UInt64 = 0

    /// What is known of the body before it comes.
    package struct Expectation: Sendable {
        /// How long it is, exactly.
        package var size: UInt64?
        /// How long it may be.
        package var limit: UInt64
        /// How it is hashed.
        package var algorithm: Digest.Algorithm

        /// Nothing but a limit, or also the size.
        package init(size: UInt64? = nil, limit: UInt64, algorithm: Digest.Algorithm = .sha256) {
            self.size = size
            self.limit = size ?? limit
            self.algorithm = algorithm
        }
    }

    /// Writes into a file that may hold the beginning of the body already.
    ///
    /// - Parameters:
    ///   - validator: the entity tag that the beginning has; without one nothing but the digest can tell that the
    ///     rest belongs to it.
    ///   - isImmutable: whether the URL can't mean other bytes, as one that names a digest can't.
    ///   - progress: told how many bytes are there.
    package init(
        _ file: consuming Descriptor,
        expecting expectation: Expectation,
        validator: String? = nil,
        isImmutable: Bool = false,
        progress: @escaping (UInt64) -> Void = { _ in }
    ) throws(TransferError) {
        self.file = file
        self.expectation = expectation
        self.progress = progress
        self.validator = validator
        self.isImmutable = isImmutable
        hasher = try Self.hasher(expectation.algorithm)
        if isImmutable || validator != nil { try rehash() } else { try restart() }
    }

    /// The digest of what is there; ends the work.
    package func finish() throws(TransferError) -> Digest {
        if let size = expectation.size, let url, length != size {
            throw .broken(url, reason: "\(length) bytes instead of \(size)")
        }
        do throws(CompressionError) {
            let sum = try hasher.take()?.finish()
            if let sum, let digest = Digest(expectation.algorithm, sum: sum) { return digest }
        } catch {}
        throw .file("hash the file", .invalidArgument)
    }

    package func prepare(_ request: inout HTTPRequest) throws(TransferError) {
        url = request.url
        guard length > 0 else { return }
        // A weak tag, or none, doesn't say that the bytes are the same.
        let isStrong = validator.map { !$0.hasPrefix("W/") } ?? false
        guard isStrong || isImmutable else { return try restart() }
        request.headers.set("Range", "bytes=\(length)-")
        request.headers.set("If-None-Match", nil)
        if isStrong { request.headers.set("If-Range", validator) }
    }

    package func begin(_ response: HTTPResponse) throws(TransferError) {
        url = response.url
        guard response.status != 304 else { return }
        if response.status == 206 {
            guard response.headers.rangeStart == length else {
                throw .status(206, response.url, reason: "another part than was asked for")
            }
        } else {
            try restart()
            validator = response.headers.entityTag ?? response.headers["Last-Modified"]?.trimmed
            began(validator)
        }
        let announced = response.headers.contentLength.map { $0.addingReportingOverflow(length) }
        guard let announced else { return }
        guard !announced.overflow, announced.partialValue <= expectation.limit else {
            throw sizeError(response.url, announced.partialValue)
        }
        self.announced(announced.partialValue)
        if let size = expectation.size, announced.partialValue != size {
            throw sizeError(response.url, announced.partialValue)
        }
    }

    package func take(_ bytes: Span<UInt8>) throws(TransferError) {
        let end = length + UInt64(bytes.count)
        guard end <= expectation.limit else {
            guard let url else { throw .stopped }
            throw sizeError(url, nil)
        }
        try onFile("write what was received") { () throws(Errno) in
            try file.write(bytes, at: length)
        }
        try add(bytes)
        length = end
        progress(length)
    }

    package func startOver() throws(TransferError) -> Bool {
        guard length > 0 else { return false }
        validator = nil
        try restart()
        return true
    }

    package func hasAdvanced() -> Bool {
        let hasAdvanced = length >= knownLength + Self.goodPiece
        knownLength = length
        return hasAdvanced
    }

    private func sizeError(_ url: WebURL, _ actual: UInt64?) -> TransferError {
        guard let size = expectation.size else { return .tooLarge(url, limit: expectation.limit) }
        let text = actual.map(String.init) ?? "more"
        return .content(url, reason: "\(text) bytes instead of \(size)")
    }

    /// Forgets what is there.
    ///
    /// What can't be other bytes is written over, not taken away: somebody may be reading it already.
    private func restart() throws(TransferError) {
        if !isImmutable {
            try onFile("empty a file") { () throws(Errno) in try file.truncate(to: 0) }
        }
        length = 0
        hasher = try Self.hasher(expectation.algorithm)
    }

    /// Takes up what the file holds already.
    private func rehash() throws(TransferError) {
        let size = try onFile("look at a file") { () throws(Errno) in try file.status().size }
        guard size <= expectation.limit else {
            return try onFile("empty a file") { () throws(Errno) in try file.truncate(to: 0) }
        }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while length < size {
            var count = 0
            do throws(Errno) {
                var span = buffer.mutableSpan
                count = try file.read(into: &span, at: length)
            } catch { throw .file("read a file", error) }
            guard count > 0 else { return }
            try add(buffer.span.extracting(first: count))
            length += UInt64(count)
        }
    }

    private func add(_ bytes: Span<UInt8>) throws(TransferError) {
        do throws(CompressionError) { try hasher?.update(bytes) } catch {
            throw .file("hash the file", .invalidArgument)
        }
    }

    private static func hasher(_ algorithm: Digest.Algorithm) throws(TransferError) -> Hasher {
        do throws(CompressionError) {
            return try Hasher(algorithm == .sha256 ? .sha256 : .sha512)
        } catch { throw .file("hash a file", .invalidArgument) }
    }
}

extension HTTPHeaders {
    /// Where the part of a 206 answer begins.
    fileprivate var rangeStart: UInt64? {
        guard let text = self["Content-Range"]?.trimmed, text.hasPrefix("bytes ") else {
            return nil
        }
        return UInt64(text.dropFirst(6).prefix { $0 != "-" })
    }
}
