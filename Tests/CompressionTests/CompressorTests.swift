import Archives
import Foundation
import TestSupport
import Testing

@testable import Compression

@Suite struct CompressorTests {
    private func compress(
        _ bytes: [UInt8],
        _ format: CompressionFormat
    ) throws -> (written: Compressor.Written, stream: Data) {
        let scratch = try Scratch()
        try scratch.write("", to: "out")
        let file = try #require(FileHandle(forWritingAtPath: scratch("out")))
        var compressor = try Compressor(format, to: file.fileDescriptor, hashing: .sha512)
        try compressor.write(bytes.span)
        let written = try compressor.finish()
        return (written, try #require(File.data(scratch("out"))))
    }

    /// More than one piece, neither random nor constant.
    private static let sample: [UInt8] = (0..<5_000_003).map { index in
        UInt8(truncatingIfNeeded: index &* 2_654_435_761 >> 20) & 0x3F
    }

    @Test(arguments: [
        (CompressionFormat.gzip, ["gzip", "-dc"]), (.zstd, ["zstd", "-dc"]), (.plain, ["cat"]),
    ])
    func otherProgramsReadIt(_ format: CompressionFormat, _ tool: [String]) throws {
        for bytes in [[], [7], Self.sample] {
            if bytes.isEmpty, format == .zstd { continue }
            let (written, stream) = try compress(bytes, format)
            let scratch = try Scratch()
            try stream.write(to: URL(fileURLWithPath: scratch("in")))
            try Data(bytes).write(to: URL(fileURLWithPath: scratch("expected")))
            let command =
                "\(tool.joined(separator: " ")) < in > out && cmp out expected && sha512sum out"
            let outcome = try Execution(["/bin/sh", "-c", command], directory: scratch.path)
                .finished()
            #expect(outcome.succeeded, "\(outcome)")
            #expect(outcome.output.hasPrefix(hexadecimal(written.inputDigest)))
            #expect(written.outputSize == UInt64(stream.count))
            #expect(written.inputSize == UInt64(bytes.count))
            let sum = try sha256(scratch("in"))
            #expect(sum == hexadecimal(written.outputDigest))
        }
    }

    private func sha256(_ path: String) throws -> String {
        String(try tool("sha256sum", path).prefix(64))
    }

    @Test func theSameBytesBecomeTheSameStream() throws {
        let streams = try (0..<3).map { _ in try compress(Self.sample, .gzip).stream }
        #expect(Set(streams).count == 1)
        #expect(streams[0].count < Self.sample.count)
    }

    @Test func aFullDiskIsAnError() throws {
        let file = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        #expect(throws: CompressionError.write(28)) {
            var compressor = try Compressor(.gzip, to: file.fileDescriptor, hashing: .sha256)
            for _ in 0..<20 { try compressor.write(Self.sample.span) }
            _ = try compressor.finish()
        }
    }

    @Test func whatCanOnlyBeReadIsRefused() {
        #expect(throws: CompressionError.unwritable(.xz)) {
            _ = try Compressor(.xz, to: 1, hashing: .sha256).finish()
        }
    }
}
