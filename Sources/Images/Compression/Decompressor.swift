package import Archives
internal import CCompression

/// Unpacks one compressed stream that arrives in pieces.
///
/// Several gzip members, bzip2 or xz streams, or zstd frames in a row are one stream, as the tools have it. Checks that
/// the format carries are verified; anything else behind the end is an error.
///
///     while cursor < input.count { made = try decompressor.decompress(input, at: &cursor, into: &output) … }
///     while case let made = try decompressor.flush(into: &output), made > 0 { … }
///     try decompressor.finish()
@safe
package struct Decompressor: ~Copyable {
    /// What the windows of xz and zstd may take: enough for the highest ordinary levels of both tools.
    package static let defaultMemoryLimit: UInt64 = 128 << 20

    private let format: CompressionFormat
    private let decoder: OpaquePointer

    /// A decompressor at the start of a stream.
    package init(
        _ format: CompressionFormat,
        memoryLimit: UInt64 = defaultMemoryLimit
    ) throws(CompressionError) {
        guard let decoder = unsafe compression_decoder_open(format.kind, memoryLimit) else {
            throw .memory(format)
        }
        self.format = format
        unsafe self.decoder = decoder
    }

    deinit { unsafe compression_decoder_close(decoder) }

    /// Consumes `input` from `cursor` on and fills `output`, as far as either lasts.
    ///
    /// - Returns: how many bytes of `output` were made.
    package mutating func decompress(
        _ input: Span<UInt8>,
        at cursor: inout Int,
        into output: inout MutableSpan<UInt8>
    ) throws(CompressionError) -> Int {
        var made = 0
        while cursor < input.count, made < output.count {
            made += try step(input, &cursor, &output, from: made)
        }
        return made
    }

    /// Fills `output` with what the consumed input still has; zero when there is nothing left.
    package mutating func flush(
        into output: inout MutableSpan<UInt8>
    ) throws(CompressionError) -> Int {
        let nothing: [UInt8] = []
        var cursor = 0
        var made = 0
        while made < output.count, unsafe compression_decoder_is_complete(decoder) == 0 {
            let count = try step(nothing.span, &cursor, &output, from: made)
            guard count > 0 else { break }
            made += count
        }
        return made
    }

    /// Says that no input follows; throws if the stream isn't complete.
    package func finish() throws(CompressionError) {
        let isComplete = unsafe compression_decoder_is_complete(decoder) == 1
        guard format == .plain || isComplete else {
            throw .truncated(format)
        }
    }

    private func step(
        _ input: Span<UInt8>,
        _ cursor: inout Int,
        _ output: inout MutableSpan<UInt8>,
        from start: Int
    ) throws(CompressionError) -> Int {
        let offset = cursor
        var used = input.count - cursor
        var made = output.count - start
        let status = unsafe input.withUnsafeBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe compression_decoder_step(
                    decoder,
                    source.baseAddress.map { unsafe $0 + offset },
                    &used,
                    target.baseAddress.map { unsafe $0 + start },
                    &made
                )
            }
        }
        cursor += used
        switch status {
        case Int32(COMPRESSION_OK.rawValue): return made
        case Int32(COMPRESSION_MEMORY.rawValue): throw .memory(format)
        default: throw .corrupt(format)
        }
    }
}

extension CompressionFormat {
    fileprivate var kind: Int32 {
        switch self {
        case .plain: Int32(COMPRESSION_PLAIN.rawValue)
        case .gzip: Int32(COMPRESSION_GZIP.rawValue)
        case .bzip2: Int32(COMPRESSION_BZIP2.rawValue)
        case .xz: Int32(COMPRESSION_XZ.rawValue)
        case .zstd: Int32(COMPRESSION_ZSTD.rawValue)
        }
    }
}
