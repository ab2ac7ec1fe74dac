import Archives
import Testing

@Suite struct CompressionFormatTests {
    @Test func theFirstBytesTellTheFormat() {
        var tar = RawTar()
        tar.add("a")
        let known: [([UInt8], CompressionFormat)] = [
            ([0x1f, 0x8b, 8], .gzip), (Array("BZh9".utf8), .bzip2),
            ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], .xz), ([0x28, 0xb5, 0x2f, 0xfd], .zstd),
            (tar.bytes, .plain), ([UInt8](repeating: 0, count: 512), .plain),
        ]
        for (bytes, format) in known {
            #expect(CompressionFormat(detecting: bytes.span) == format)
        }
        for bytes in [[], Array("not a tar".utf8), [UInt8](repeating: 1, count: 512)] {
            #expect(CompressionFormat(detecting: bytes.span) == nil)
        }
    }
}
