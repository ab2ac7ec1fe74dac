/// What a PAX header says about a sparse file, in one of GNU tar's three versions (0.0, 0.1 and 1.0).
struct PaxSparse {
    /// The real name of the file in versions 0.1 and 1.0.
    private(set) var name: [UInt8]?
    /// The length of the file with its holes.
    private(set) var realSize: UInt64?
    private var major: UInt64?
    private var offsets: [UInt64] = []
    private var lengths: [UInt64] = []

    /// True if any record about a sparse file was there.
    var isPresent: Bool { name != nil || realSize != nil || major != nil || !offsets.isEmpty }

    /// True if the map is at the start of the content (version 1.0).
    var hasMapInContent: Bool { major == 1 }

    /// The map of versions 0.0 and 0.1, `nil` if an offset has no length.
    var extents: [SparseExtent]? {
        guard offsets.count == lengths.count else { return nil }
        return zip(offsets, lengths).map { SparseExtent(offset: $0.0, length: $0.1) }
    }

    /// Takes one record, its keyword without `GNU.sparse.`; false if the value is damaged.
    mutating func take(_ keyword: Substring, _ value: ArraySlice<UInt8>) -> Bool {
        switch keyword {
        case "name":
            name = Array(value)
            return !value.isEmpty && !value.contains(0)
        case "size", "realsize":
            realSize = TarNumber.decimal(value)
            return realSize != nil
        case "major":
            major = TarNumber.decimal(value)
            return major == 0 || major == 1
        case "minor": return TarNumber.decimal(value) != nil
        case "offset": return append(value, to: &offsets)
        case "numbytes": return append(value, to: &lengths)
        case "map": return takeMap(value)
        default: return true
        }
    }

    private func append(_ value: ArraySlice<UInt8>, to list: inout [UInt64]) -> Bool {
        guard let number = TarNumber.decimal(value) else { return false }
        list.append(number)
        return true
    }

    /// Version 0.1: all numbers in one record, `OFFSET,LENGTH,OFFSET,LENGTH…`.
    private mutating func takeMap(_ value: ArraySlice<UInt8>) -> Bool {
        offsets = []
        lengths = []
        for (index, text) in value.split(separator: UInt8(ascii: ",")).enumerated() {
            guard let number = TarNumber.decimal(text) else { return false }
            if index.isMultiple(of: 2) { offsets.append(number) } else { lengths.append(number) }
        }
        return true
    }
}
