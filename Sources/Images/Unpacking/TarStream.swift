internal import Archives
internal import Compression

/// Puts what a decompressor makes into the buffers of a ring.
struct TarStream: ~Copyable {
    private var decompressor: Decompressor
    private let ring: BufferRing

    init(_ format: CompressionFormat, _ ring: BufferRing) throws(CompressionError) {
        decompressor = try Decompressor(format)
        self.ring = ring
    }

    /// Inflates one piece of the blob.
    mutating func take(_ input: Span<UInt8>) throws(CompressionError) {
        var cursor = 0
        while cursor < input.count {
            let goesOn = try ring.produce { (output) throws(CompressionError) in
                try decompressor.decompress(input, at: &cursor, into: &output)
            }
            guard goesOn else { return }
        }
    }

    /// Inflates what is left and checks that the blob is complete.
    mutating func finish() throws(CompressionError) {
        var made = 1
        while made > 0 {
            let goesOn = try ring.produce { (output) throws(CompressionError) in
                made = try decompressor.flush(into: &output)
                return made
            }
            guard goesOn else { return }
        }
        try decompressor.finish()
    }
}
