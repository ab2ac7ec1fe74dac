/// One message of the kernel's.
package struct NetlinkReply {
    let type: UInt16
    let sequence: UInt32
    /// What follows the header.
    let payload: ArraySlice<UInt8>

    static let error: UInt16 = 2
    static let done: UInt16 = 3

    /// The messages of one datagram; a length that doesn't add up ends the list.
    static func all(in datagram: [UInt8]) -> [NetlinkReply] {
        var replies: [NetlinkReply] = []
        var rest = datagram[...]
        while rest.count >= NetlinkMessage.headerSize {
            let length = Int(rest.number(at: 0, UInt32.self))
            guard length >= NetlinkMessage.headerSize, length <= rest.count else { break }
            replies.append(
                NetlinkReply(
                    type: rest.number(at: 4, UInt16.self),
                    sequence: rest.number(at: 8, UInt32.self),
                    payload: rest.dropFirst(NetlinkMessage.headerSize)
                        .prefix(length - NetlinkMessage.headerSize)
                )
            )
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return replies
    }

    /// The attributes behind a fixed part of so many bytes.
    func attributes(behind fixed: Int) -> NetlinkAttributes {
        NetlinkAttributes(payload.dropFirst(fixed))
    }
}

/// The attributes of a message or of another attribute.
struct NetlinkAttributes {
    private let list: [(type: UInt16, value: ArraySlice<UInt8>)]

    init(_ bytes: ArraySlice<UInt8>) {
        var list: [(type: UInt16, value: ArraySlice<UInt8>)] = []
        var rest = bytes
        while rest.count >= 4 {
            let length = Int(rest.number(at: 0, UInt16.self))
            guard length >= 4, length <= rest.count else { break }
            let type = rest.number(at: 2, UInt16.self) & 0x3FFF
            list.append((type, rest.dropFirst(4).prefix(length - 4)))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        self.list = list
    }

    subscript(_ type: UInt16) -> ArraySlice<UInt8>? { list.first { $0.type == type }?.value }

    func number<Number: FixedWidthInteger>(_ type: UInt16, _: Number.Type) -> Number? {
        guard let value = self[type], value.count == Number.bitWidth / 8 else { return nil }
        return value.number(at: 0, Number.self)
    }

    func text(_ type: UInt16) -> String? {
        self[type].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    func nested(_ type: UInt16) -> NetlinkAttributes? { self[type].map(NetlinkAttributes.init) }

    /// All values of a list.
    var values: [ArraySlice<UInt8>] { list.map(\.value) }
}

extension ArraySlice<UInt8> {
    /// A number of the machine's at a distance from the start.
    func number<Number: FixedWidthInteger>(at offset: Int, _: Number.Type) -> Number {
        var result: Number = 0
        for (index, byte) in dropFirst(offset).prefix(Number.bitWidth / 8).enumerated() {
            result |= Number(truncatingIfNeeded: byte) << Number(8 * index)
        }
        return Number(littleEndian: result)
    }
}
