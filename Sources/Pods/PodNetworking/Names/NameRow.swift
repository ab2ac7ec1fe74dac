internal import Addresses
internal import PodLifecycle

/// One line of a file of names: an address of a pod with the pod's names, all at fixed places.
///
/// As every row is as long as any other, a pod's row can be written and struck out where it is, while others have the file
/// mounted. A row counts unless its first byte is `#`, so it appears and disappears with the writing of one byte: nobody
/// ever reads half an address.
struct NameRow: Equatable {
    let address: IPAddress
    /// The pod's name for itself; empty if that is made of the UUID, or another pod's.
    let hostname: String
    let uuid: PodUUID

    /// The address, the host name, `rkt-` and the UUID, a newline.
    static let length = 146
    private static let hostnameOffset = 40
    private static let markOffset = 105
    private static let mark = Array("rkt-".utf8)
    /// Where the UUID is.
    static let uuidOffset = markOffset + mark.count

    /// What the first byte of a row is that doesn't count.
    static let struck = UInt8(ascii: "#")

    init(address: IPAddress, hostname: String, uuid: PodUUID) {
        self.address = address
        self.hostname = hostname
        self.uuid = uuid
    }

    /// The row as text.
    var bytes: [UInt8] {
        addressField + hostnameField + Self.mark + uuid.description.utf8 + [UInt8(ascii: "\n")]
    }

    private var addressField: [UInt8] {
        Self.padded(address.description, to: Self.hostnameOffset)
    }

    private var hostnameField: [UInt8] {
        Self.padded(hostname.lowercased(), to: Self.markOffset - Self.hostnameOffset)
    }

    private static func padded(_ text: String, to width: Int) -> [UInt8] {
        let blanks = max(1, width - text.utf8.count)
        return Array(text.utf8) + repeatElement(UInt8(ascii: " "), count: blanks)
    }

    // MARK: In a file

    /// Whether a row lies somewhere in a file, struck out or not.
    ///
    /// Files have thousands of rows: they are looked at where they are.
    static func lies(at offset: Int, in bytes: [UInt8]) -> Bool {
        bytes[offset + length - 1] == UInt8(ascii: "\n")
            && has(mark, bytes, offset + markOffset)
    }

    /// Reads a row.
    init?(at offset: Int, in bytes: [UInt8]) {
        let fields = String(decoding: bytes[offset..<(offset + Self.length - 1)], as: UTF8.self)
            .split(separator: " ")
        guard fields.count == 2 || fields.count == 3, let address = IPAddress(fields[0]),
            let uuid = PodUUID(fields[fields.count - 1].dropFirst(Self.mark.count))
        else { return nil }
        self.address = address
        self.uuid = uuid
        hostname = fields.count == 3 ? String(fields[1]) : ""
    }

    /// Whether a row in a file is about the same address or has the same host name.
    func clashes(withRowAt offset: Int, in bytes: [UInt8]) -> Bool {
        Self.has(addressField, bytes, offset)
            || !hostname.isEmpty && Self.has(hostnameField, bytes, offset + Self.hostnameOffset)
    }

    /// Whether a row in a file is a pod's.
    static func isRow(at offset: Int, in bytes: [UInt8], of uuid: [UInt8]) -> Bool {
        has(uuid, bytes, offset + uuidOffset)
    }

    private static func has(_ field: [UInt8], _ bytes: [UInt8], _ offset: Int) -> Bool {
        for (index, byte) in field.enumerated() where bytes[offset + index] != byte { return false }
        return true
    }
}
