package import Archives
internal import CCompression

/// Writes one compressed stream to an open file, on all processors.
///
/// The input is cut into pieces of fixed length, so the same bytes become the same stream on every machine. Memory is a
/// few pieces per processor, however long the stream is.
///
///     try compressor.write(bytes) …        // or fill(_:)
///     let written = try compressor.finish()
@safe
package struct Compressor: ~Copyable {
    /// What was written.
    package struct Written: Sendable, Equatable {
        /// The digest of what went in.
        package let inputDigest: [UInt8]
        /// How much went in.
        package let inputSize: UInt64
        /// The SHA-256 of what came out.
        package let outputDigest: [UInt8]
        /// How much came out.
        package let outputSize: UInt64
    }

    private let encoder: OpaquePointer
    private let algorithm: HashAlgorithm

    /// A compressor at the start of a stream.
    ///
    /// - Parameters:
    ///   - format: `.plain`, `.gzip` or `.zstd`.
    ///   - descriptor: where it is written; stays the caller's and must outlive this.
    ///   - algorithm: how what goes in is hashed.
    package init(
        _ format: CompressionFormat,
        to descriptor: Int32,
        hashing algorithm: HashAlgorithm
    ) throws(CompressionError) {
        let kind: Int32
        switch format {
        case .plain: kind = Int32(COMPRESSION_PLAIN.rawValue)
        case .gzip: kind = Int32(COMPRESSION_GZIP.rawValue)
        case .zstd: kind = Int32(COMPRESSION_ZSTD.rawValue)
        case .bzip2, .xz: throw .unwritable(format)
        }
        guard
            let encoder = unsafe compression_encoder_open(
                kind,
                descriptor,
                Int32(algorithm.length * 8),
                compression_processors()
            )
        else { throw .exhausted("memory or threads for compression") }
        unsafe self.encoder = encoder
        self.algorithm = algorithm
    }

    deinit { unsafe compression_encoder_close(encoder) }

    /// Adds bytes; a failure to write them is told by ``finish()`` at the latest.
    package mutating func write(_ bytes: Span<UInt8>) throws(CompressionError) {
        var offset = 0
        while offset < bytes.count {
            try put { room in
                let count = min(room.count, bytes.count - offset)
                for index in 0..<count { room[index] = bytes[offset + index] }
                offset += count
                return count
            }
        }
    }

    /// Lets `body` put bytes into the compressor's own buffer and return how many; its error is the result.
    package mutating func fill<Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Int
    ) throws(CompressionError) -> Result<Int, Failure> {
        var result: Result<Int, Failure> = .success(0)
        try put { room in
            do throws(Failure) {
                let count = try body(&room)
                result = .success(count)
                return count
            } catch {
                result = .failure(error)
                return 0
            }
        }
        return result
    }

    private mutating func put(
        _ body: (inout MutableSpan<UInt8>) -> Int
    ) throws(CompressionError) {
        var room = 0
        guard let start = unsafe compression_encoder_room(encoder, &room) else {
            _ = try result()
            return
        }
        let buffer = unsafe UnsafeMutableBufferPointer(start: start, count: room)
        var span = unsafe MutableSpan(_unsafeElements: buffer)
        let count = body(&span)
        precondition(0...room ~= count)
        unsafe compression_encoder_add(encoder, count)
    }

    /// Waits until everything is written.
    package consuming func finish() throws(CompressionError) -> Written { try result() }

    private func result() throws(CompressionError) -> Written {
        var result = compression_result()
        let status = unsafe compression_encoder_finish(encoder, &result)
        guard status == 0 else { throw .write(status) }
        let digests = unsafe withUnsafeBytes(of: &result.input_digest) { input in
            unsafe withUnsafeBytes(of: &result.output_digest) { output in
                unsafe (Array(input.prefix(algorithm.length)), Array(output))
            }
        }
        return Written(
            inputDigest: digests.0,
            inputSize: result.input_size,
            outputDigest: digests.1,
            outputSize: result.output_size
        )
    }
}
