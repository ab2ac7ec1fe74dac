/// The 512-byte block that begins every entry.
///
/// Three dialects are told apart: POSIX `ustar`, GNU, and the old format without a magic; `star` is POSIX
/// with a shorter prefix.
struct TarHeader {
    /// The size of every block of a tar archive.
    static let length = 512

    /// The type of a sparse file in GNU's own format.
    static let oldSparseType = UInt8(ascii: "S")

    private var bytes = InlineArray<512, UInt8>(repeating: 0)
    private var filled = 0

    /// Takes bytes of `chunk` from `cursor` on; true once the block is complete.
    mutating func fill(from chunk: Span<UInt8>, at cursor: inout Int) -> Bool {
        let count = min(Self.length - filled, chunk.count - cursor)
        for index in 0..<count { bytes[filled + index] = chunk[cursor + index] }
        filled += count
        cursor += count
        return filled == Self.length
    }

    /// Makes room for the next block.
    mutating func clear() { filled = 0 }

    /// True when nothing of a block has been taken.
    var isEmpty: Bool { filled == 0 }

    /// True for the block that marks the end of an archive.
    var isZero: Bool { bytes.span.allZero }

    /// The sum of all bytes with the checksum field taken as spaces; some old programs summed signed bytes.
    var hasValidChecksum: Bool {
        guard let expected = TarNumber.field(bytes.span.extracting(Field.checksum)) else {
            return false
        }
        var unsigned: Int64 = 0
        var signed: Int64 = 0
        let block = bytes.span
        for index in 0..<Self.length {
            unsigned += Int64(block[index])
            signed += Int64(Int8(bitPattern: block[index]))
        }
        for index in Field.checksum {
            unsigned += 0x20 - Int64(block[index])
            signed += 0x20 - Int64(Int8(bitPattern: block[index]))
        }
        return expected == unsigned || expected == signed
    }

    /// The letter that says what follows.
    var type: UInt8 { bytes[156] }

    /// One byte of the block.
    func byte(_ index: Int) -> UInt8 { bytes[index] }

    /// A number of the header, `nil` if it is damaged.
    func number(_ field: Range<Int>) -> Int64? { TarNumber.field(bytes.span.extracting(field)) }

    /// A text field up to its first NUL.
    func text(_ field: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(field.count)
        append(field, to: &text)
        return text
    }

    /// Writes the name into `path`, joined with the prefix where the dialect has one.
    func readName(into path: inout [UInt8]) {
        path.removeAll(keepingCapacity: true)
        if let prefix = prefixField, bytes[prefix.lowerBound] != 0 {
            append(prefix, to: &path)
            path.append(UInt8(ascii: "/"))
        }
        append(Field.name, to: &path)
    }

    private var prefixField: Range<Int>? {
        guard holds(Self.posixMagic, at: 257) else { return nil }
        return holds(Self.starMagic, at: 508) ? 345..<476 : 345..<500
    }

    private static let posixMagic = Array("ustar\0".utf8)
    private static let starMagic = Array("tar\0".utf8)

    private func holds(_ text: [UInt8], at offset: Int) -> Bool {
        text.indices.allSatisfy { bytes[offset + $0] == text[$0] }
    }

    private func append(_ field: Range<Int>, to text: inout [UInt8]) {
        for index in field {
            guard bytes[index] != 0 else { return }
            text.append(bytes[index])
        }
    }

    /// How many bytes fill up the last block of `length` bytes.
    static func padding(after length: UInt64) -> Int { Int((512 - length % 512) % 512) }

    /// `length` in whole blocks; `length` isn't near the end of its range.
    static func roundUp(_ length: UInt64) -> UInt64 { length + UInt64(padding(after: length)) }

    /// Where the fields lie.
    enum Field {
        static let name = 0..<100
        static let mode = 100..<108
        static let uid = 108..<116
        static let gid = 116..<124
        static let size = 124..<136
        static let modified = 136..<148
        static let checksum = 148..<156
        static let linkName = 157..<257
        static let deviceMajor = 329..<337
        static let deviceMinor = 337..<345
    }
}

extension Span<UInt8> {
    fileprivate var allZero: Bool {
        var union: UInt8 = 0
        for index in indices { union |= self[index] }
        return union == 0
    }
}
