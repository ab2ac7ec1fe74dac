/// One packet of an OpenPGP message (RFC 4880, section 4).
struct Packet {
    /// What it is.
    let tag: UInt8
    /// Its content.
    let body: ArraySlice<UInt8>
    /// All of it, header included.
    let bytes: ArraySlice<UInt8>
}

/// Goes through packets; partial and indeterminate lengths, which keys and signatures never have, are refused.
struct Packets {
    private let whole: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { whole = bytes }

    /// The next packet; nil at the end.
    mutating func next() throws(OpenPGPError) -> Packet? {
        guard position < whole.count else { return nil }
        let start = position
        let header = whole[start]
        guard header & 0x80 != 0 else { throw .packet }
        position += 1
        let isNew = header & 0x40 != 0
        let length = isNew ? try newLength() : try oldLength(header & 3)
        guard length <= whole.count - position else { throw .packet }
        let body = whole[position..<(position + length)]
        position += length
        let tag = isNew ? header & 0x3F : header >> 2 & 0xF
        guard tag != 0 else { throw .packet }
        return Packet(tag: tag, body: body, bytes: whole[start..<position])
    }

    private mutating func newLength() throws(OpenPGPError) -> Int {
        let first = try number(1)
        switch first {
        case 0..<192: return first
        case 192..<224: return (first - 192) << 8 + (try number(1)) + 192
        case 255: return try number(4)
        default: throw .packet
        }
    }

    private mutating func oldLength(_ type: UInt8) throws(OpenPGPError) -> Int {
        guard type < 3 else { throw .packet }
        return try number(1 << Int(type))
    }

    private mutating func number(_ count: Int) throws(OpenPGPError) -> Int {
        guard whole.count - position >= count else { throw .packet }
        defer { position += count }
        return whole[position..<(position + count)].reduce(0) { $0 << 8 | Int($1) }
    }
}
