/// The sparse map of GNU tar's own format: four extents in the header (type `S`), then 21 in each further block.
struct OldSparseMap {
    /// The extents so far.
    private(set) var extents: [SparseExtent] = []
    /// The length of the file with its holes.
    let realSize: UInt64
    /// True if another block of extents follows.
    private(set) var isContinued = false

    /// No map.
    init() { realSize = 0 }

    /// The map in an entry's header, `nil` if it is damaged.
    init?(_ header: TarHeader) {
        guard let size = header.number(483..<495).flatMap({ UInt64(exactly: $0) }) else {
            return nil
        }
        realSize = size
        guard take(header, first: 386, count: 4, continuation: 482) else { return nil }
    }

    /// Takes a further block; false if it is damaged or the map too long.
    mutating func append(_ block: TarHeader) -> Bool {
        extents.count < TarLimits.extendedHeaderLength / 24
            && take(block, first: 0, count: 21, continuation: 504)
    }

    private mutating func take(
        _ block: TarHeader,
        first: Int,
        count: Int,
        continuation: Int
    ) -> Bool {
        for index in 0..<count {
            let start = first + 24 * index
            guard let offset = block.number(start..<start + 12),
                let length = block.number(start + 12..<start + 24)
            else { return false }
            guard length != 0 || offset != 0 else { break }
            guard offset >= 0, length >= 0 else { return false }
            extents.append(SparseExtent(offset: UInt64(offset), length: UInt64(length)))
        }
        isContinued = block.byte(continuation) != 0
        return true
    }
}
