/// How an archive is compressed, told by its first bytes and never by its name.
package enum CompressionFormat: String, Sendable, CaseIterable {
    /// A tar that isn't compressed.
    case plain
    /// RFC 1952, one or more members.
    case gzip
    /// bzip2, one or more streams.
    case bzip2
    /// The xz container of LZMA2.
    case xz
    /// RFC 8878, one or more frames.
    case zstd

    /// How many bytes from the start of a file are needed to tell the format.
    package static let detectionLength = TarHeader.length

    /// Tells the format from the first bytes of a file, `nil` if it is none of ours.
    ///
    /// A tar is known by the checksum of its first header, or by being nothing but zeros (an empty archive).
    package init?(detecting start: Span<UInt8>) {
        let known = Self.magics.first { Self.matches(start, $0.bytes) }
        if let known {
            self = known.format
        } else if start.count >= TarHeader.length, Self.looksLikeTar(start) {
            self = .plain
        } else {
            return nil
        }
    }

    private static let magics: [(format: Self, bytes: [UInt8])] = [
        (.gzip, [0x1f, 0x8b]),
        (.bzip2, [0x42, 0x5a, 0x68]),
        (.xz, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
        (.zstd, [0x28, 0xb5, 0x2f, 0xfd]),
    ]

    private static func matches(_ start: Span<UInt8>, _ magic: [UInt8]) -> Bool {
        start.count >= magic.count && magic.indices.allSatisfy { start[$0] == magic[$0] }
    }

    private static func looksLikeTar(_ start: Span<UInt8>) -> Bool {
        var header = TarHeader()
        var cursor = 0
        _ = header.fill(from: start, at: &cursor)
        return header.isZero || header.hasValidChecksum
    }
}
