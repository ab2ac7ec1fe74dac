/// A stretch of a sparse file that isn't a hole.
struct SparseExtent: Equatable {
    /// Where it begins in the unpacked file.
    let offset: UInt64
    /// How long it is.
    let length: UInt64
}

/// The stretches of a file whose content is in the archive, checked against the sizes in its header.
struct SparseMap {
    private var extents: [SparseExtent] = []
    private var index = 0
    private var taken: UInt64 = 0

    /// No content.
    init() {}

    /// A file without holes.
    init(wholeFile size: UInt64) {
        if size > 0 { extents = [SparseExtent(offset: 0, length: size)] }
    }

    /// A sparse file; `nil` unless the extents ascend, fit into `realSize` and have `storedSize` bytes together.
    init?(_ extents: [SparseExtent], realSize: UInt64, storedSize: UInt64) {
        var end: UInt64 = 0
        var stored: UInt64 = 0
        for extent in extents {
            let (next, overflow) = extent.offset.addingReportingOverflow(extent.length)
            guard !overflow, extent.offset >= end, next <= realSize else { return nil }
            end = next
            // Cannot overflow: the extents don't overlap and lie below realSize.
            stored += extent.length
        }
        guard stored == storedSize else { return nil }
        self.extents = extents.filter { $0.length > 0 }
    }

    /// What comes next in the archive, `nil` at the end of the content.
    var current: SparseExtent? {
        guard index < extents.count else { return nil }
        let extent = extents[index]
        return SparseExtent(offset: extent.offset + taken, length: extent.length - taken)
    }

    /// Marks `count` bytes of the current extent as read.
    mutating func advance(_ count: UInt64) {
        taken += count
        guard taken == extents[index].length else { return }
        index += 1
        taken = 0
    }
}

/// Reads the map that GNU's version 1.0 puts in front of the content: decimal numbers, one a line, the first
/// being the number of extents, filled up to a whole block.
struct SparseMapText {
    private var count: UInt64?
    private var numbers: [UInt64] = []
    private var digits: [UInt8] = []
    /// How many bytes of the map were taken.
    private(set) var length: UInt64 = 0

    /// The extents once the map is complete.
    var extents: [SparseExtent]? {
        guard let count, UInt64(numbers.count) == count * 2 else { return nil }
        return stride(from: 0, to: numbers.count, by: 2).map {
            SparseExtent(offset: numbers[$0], length: numbers[$0 + 1])
        }
    }

    /// Takes one byte; false if it can't be part of a map.
    mutating func take(_ byte: UInt8) -> Bool {
        length += 1
        guard byte == UInt8(ascii: "\n") else {
            digits.append(byte)
            return digits.count <= 20
        }
        guard let number = TarNumber.decimal(digits[...]) else { return false }
        digits.removeAll(keepingCapacity: true)
        if count == nil {
            count = number
            return number <= UInt64(TarLimits.extendedHeaderLength)
        }
        numbers.append(number)
        return length <= UInt64(TarLimits.extendedHeaderLength)
    }
}
