import Archives
import Compression
import Foundation
import TestSupport
import Testing

@Suite struct DecompressorTests {
    static let plain = Array((0..<60_000).map { "line \($0 * 7919)\n" }.joined().utf8)

    static let tools: [(format: CompressionFormat, tool: [String])] = [
        (.gzip, ["gzip", "-c"]), (.bzip2, ["bzip2", "-c"]), (.xz, ["xz", "-c"]),
        (.zstd, ["zstd", "-qc"]),
    ]

    /// What a tool makes of `plain`.
    static func packed(_ tool: [String]) throws -> [UInt8] {
        let scratch = try Scratch()
        try scratch.write(Data(plain), to: "plain")
        let command = (tool + [scratch("plain")]).joined(separator: " ") + " > " + scratch("packed")
        try TestSupport.tool("sh", "-c", command)
        return Array(try Data(contentsOf: URL(fileURLWithPath: scratch("packed"))))
    }

    static func unpack(
        _ format: CompressionFormat,
        _ bytes: [UInt8],
        chunk: Int = 32 << 10,
        memoryLimit: UInt64 = Decompressor.defaultMemoryLimit
    ) throws(CompressionError) -> [UInt8] {
        var decompressor = try Decompressor(format, memoryLimit: memoryLimit)
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 10_007)
        var start = 0
        while start < bytes.count {
            let piece = bytes.span.extracting(start..<min(start + chunk, bytes.count))
            var cursor = 0
            while cursor < piece.count {
                var output = buffer.mutableSpan
                let made = try decompressor.decompress(piece, at: &cursor, into: &output)
                result += buffer.prefix(made)
            }
            start += chunk
        }
        var made = 1
        while made > 0 {
            var output = buffer.mutableSpan
            made = try decompressor.flush(into: &output)
            result += buffer.prefix(made)
        }
        try decompressor.finish()
        return result
    }

    @Test(arguments: tools)
    func whatTheToolsPackComesBack(format: CompressionFormat, tool: [String]) throws {
        let packed = try Self.packed(tool)
        #expect(CompressionFormat(detecting: packed.span) == format)
        for chunk in [1, 1000, 1 << 20] {
            #expect(try Self.unpack(format, packed, chunk: chunk) == Self.plain)
        }
    }

    @Test(arguments: tools)
    func severalStreamsInARowAreOne(format: CompressionFormat, tool: [String]) throws {
        let packed = try Self.packed(tool)
        for chunk in [1, packed.count, 1 << 20] {
            let unpacked = try Self.unpack(format, packed + packed, chunk: chunk)
            #expect(unpacked == Self.plain + Self.plain)
        }
    }

    /// A gzip header with every optional field, met in the middle by the end of a piece.
    @Test func aHeaderInPiecesIsRead() throws {
        let member = """
            import struct,zlib,sys
            h=b'\\x1f\\x8b\\x08\\x1e'+bytes(5)+b'\\3'+struct.pack('<H',5)+b'extra'+b'name\\0'+b'comment\\0'
            h+=struct.pack('<H',zlib.crc32(h)&0xffff)
            d=b'hello'*1000; c=zlib.compressobj(6,zlib.DEFLATED,-15)
            g=h+c.compress(d)+c.flush()+struct.pack('<II',zlib.crc32(d),len(d))
            open(sys.argv[1],'wb').write(g*2)
            """
        let scratch = try Scratch()
        try TestSupport.tool("python3", "-c", member, scratch("a.gz"))
        let packed = Array(try Data(contentsOf: URL(fileURLWithPath: scratch("a.gz"))))
        for chunk in 1...60 {
            #expect(try Self.unpack(.gzip, packed, chunk: chunk).count == 10_000)
        }
    }

    @Test(arguments: tools)
    func aCutIsNoticed(format: CompressionFormat, tool: [String]) throws {
        let packed = try Self.packed(tool)
        for length in [0, 5, packed.count / 2, packed.count - 1] {
            #expect(throws: CompressionError.truncated(format)) {
                try Self.unpack(format, Array(packed.prefix(length)))
            }
        }
    }

    @Test(arguments: tools)
    func garbageBehindTheEndIsRefused(format: CompressionFormat, tool: [String]) throws {
        let packed = try Self.packed(tool)
        #expect(throws: CompressionError.self) {
            try Self.unpack(format, packed + Array("garbage after the end".utf8))
        }
    }

    @Test(arguments: tools)
    func aFlippedBitIsRefused(format: CompressionFormat, tool: [String]) throws {
        let packed = try Self.packed(format == .zstd ? ["zstd", "-qc", "--check"] : tool)
        // The last bytes are the check (of the content, or of the index for xz).
        for place in [packed.count / 2, packed.count - 3] {
            var damaged = packed
            damaged[place] ^= 0x10
            #expect(throws: CompressionError.self) { try Self.unpack(format, damaged) }
        }
    }

    @Test(arguments: [
        (CompressionFormat.xz, ["xz", "-9", "-c"]),
        (CompressionFormat.zstd, ["zstd", "-qc", "--long=27", "--no-content-size"]),
    ])
    func windowsBeyondTheLimitAreRefused(format: CompressionFormat, tool: [String]) throws {
        let command = tool.joined(separator: " ")
        let scratch = try Scratch()
        try scratch.write(Data(Self.plain), to: "plain")
        // From a pipe, so that the tool can't make the window as small as the file.
        try TestSupport.tool(
            "sh",
            "-c",
            "cat \(scratch("plain")) | \(command) > \(scratch("packed"))"
        )
        let packed = Array(try Data(contentsOf: URL(fileURLWithPath: scratch("packed"))))
        #expect(try Self.unpack(format, packed, memoryLimit: 256 << 20) == Self.plain)
        #expect(throws: CompressionError.memory(format)) {
            try Self.unpack(format, packed, memoryLimit: 1 << 20)
        }
    }

    @Test(arguments: tools)
    func mutatedStreamsEndOrThrow(format: CompressionFormat, tool: [String]) throws {
        let packed = try Self.packed(tool)
        var random = SeededGenerator(seed: 2)
        for _ in 0..<40 { _ = try? Self.unpack(format, mutated(packed, using: &random)) }
    }
}
