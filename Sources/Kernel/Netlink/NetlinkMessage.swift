/// One message to the kernel, as `netlink(7)` and `<linux/netlink.h>` lay it out.
///
/// Numbers are the machine's unless a name says `big`: nf_tables wants the network's order.
package struct NetlinkMessage: Equatable, Sendable {
    /// How the kernel takes a message.
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt16

        /// Flags from the kernel's bits.
        package init(rawValue: UInt16) { self.rawValue = rawValue }

        static let request = Flags(rawValue: 0x001)
        static let acknowledge = Flags(rawValue: 0x004)
        static let dump = Flags(rawValue: 0x300)
        /// What is there already is replaced.
        static let replace = Flags(rawValue: 0x100)
        /// What is there already is an error.
        static let exclusive = Flags(rawValue: 0x200)
        static let create = Flags(rawValue: 0x400)
    }

    static let headerSize = 16

    /// What the message is about, for whoever reads an error.
    package let purpose: String
    /// Everything but the length and the sequence number, which the socket fills in.
    private(set) var bytes: [UInt8]

    init(_ purpose: String, type: UInt16, _ flags: Flags) {
        self.purpose = purpose
        bytes = []
        bytes.reserveCapacity(256)
        append(UInt32(0))
        append(type)
        append(flags.union(.request).rawValue)
        append(UInt32(0))
        append(UInt32(0))
    }

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        for index in 0..<(Number.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: number.littleEndian >> Number(8 * index)))
        }
    }

    mutating func append(big number: some FixedWidthInteger) { append(number.bigEndian) }

    mutating func pad() {
        while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
    }

    /// An attribute: 2 bytes of length, 2 of type, and what it holds.
    ///
    /// What it holds is always ours and short; a length that wrapped around would be a way to forge attributes.
    mutating func attribute(_ type: UInt16, _ body: (inout NetlinkMessage) -> Void) {
        let start = bytes.count
        append(UInt16(0))
        append(type)
        body(&self)
        let length = UInt16(bytes.count - start)
        bytes[start] = UInt8(truncatingIfNeeded: length)
        bytes[start + 1] = UInt8(truncatingIfNeeded: length >> 8)
        pad()
    }

    /// An attribute that holds attributes.
    mutating func nested(_ type: UInt16, _ body: (inout NetlinkMessage) -> Void) {
        attribute(type | 0x8000, body)
    }

    mutating func attribute(_ type: UInt16, bytes value: [UInt8]) {
        attribute(type) { $0.bytes += value }
    }

    /// A text with a zero behind it.
    mutating func attribute(_ type: UInt16, _ text: String) {
        attribute(type) { $0.bytes += text.utf8 + [0] }
    }

    mutating func attribute<Number: FixedWidthInteger>(_ type: UInt16, _ number: Number) {
        attribute(type) { $0.append(number) }
    }

    mutating func attribute<Number: FixedWidthInteger>(_ type: UInt16, big number: Number) {
        attribute(type) { $0.append(number.bigEndian) }
    }

    /// The message as it is sent.
    func encoded(sequence: UInt32, acknowledged: Bool) -> [UInt8] {
        var result = bytes
        let length = UInt32(result.count)
        for index in 0..<4 {
            result[index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index))
            result[8 + index] = UInt8(truncatingIfNeeded: sequence >> UInt32(8 * index))
        }
        if acknowledged { result[6] |= UInt8(Flags.acknowledge.rawValue) }
        return result
    }
}
