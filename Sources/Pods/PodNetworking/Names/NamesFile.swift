internal import Linux
internal import PodLifecycle

/// A file of names, open; who changes it holds the lock of its directory.
///
/// Its head and each of its rows begin at multiples of a row's length, and it is only ever changed in place, because pods
/// have it mounted.
struct NamesFile: ~Copyable {
    private let file: Descriptor
    private var bytes: [UInt8]
    /// Where rows are that count.
    private var used: [Int] = []
    /// Where rows are that were struck out, to be used again.
    private var free: [Int] = []

    /// Opens a file; one with another head, or none, begins anew.
    init(_ name: String, head text: String, in directory: borrowing Directory) throws(Errno) {
        let head = Self.head(text)
        let file = try directory.open(name, [.readWrite, .create], mode: 0o644)
        if try file.read(at: 0, count: head.count) != head {
            try file.truncate(to: 0)
            try file.write(head.span, at: 0)
        }
        try self.init(file)
    }

    /// Opens a file that is there.
    init(_ name: String, in directory: borrowing Directory) throws(Errno) {
        try self.init(try directory.open(name, .readWrite))
    }

    private init(_ file: consuming Descriptor) throws(Errno) {
        bytes = try file.readToEnd()
        self.file = file
        // What a full disk has left of a row.
        bytes.removeLast(bytes.count % NameRow.length)
        for offset in stride(from: 0, to: bytes.count, by: NameRow.length)
        where NameRow.lies(at: offset, in: bytes) {
            if bytes[offset] == NameRow.struck { free.append(offset) } else { used.append(offset) }
        }
        free.reverse()
    }

    /// The rows that count.
    var rows: [NameRow] { used.compactMap { NameRow(at: $0, in: bytes) } }

    /// The pods of rows that have the address or the name of one of some rows.
    func holders(of rows: [NameRow]) -> [PodUUID] {
        used.filter { offset in rows.contains { $0.clashes(withRowAt: offset, in: bytes) } }
            .compactMap { NameRow(at: $0, in: bytes)?.uuid }
    }

    /// Adds a row.
    mutating func add(_ row: NameRow) throws(Errno) {
        let text = row.bytes
        let offset = free.popLast() ?? bytes.count
        if offset == bytes.count { bytes += text }
        let first = [text[0]]
        var struck = text
        struck[0] = NameRow.struck
        try file.write(struck.span, at: UInt64(offset))
        try file.write(first.span, at: UInt64(offset))
        bytes.replaceSubrange(offset..<(offset + text.count), with: text)
        used.append(offset)
    }

    /// Strikes out the rows of a pod.
    mutating func strike(_ uuid: PodUUID) throws(Errno) {
        let text = Array(uuid.description.utf8)
        let struck = [NameRow.struck]
        for offset in used where NameRow.isRow(at: offset, in: bytes, of: text) {
            try file.write(struck.span, at: UInt64(offset))
            bytes[offset] = NameRow.struck
            free.append(offset)
        }
        used.removeAll { bytes[$0] == NameRow.struck }
    }

    /// What stands before the rows, filled up with blanks.
    private static func head(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let excess = bytes.count % NameRow.length
        guard excess > 0 else { return bytes }
        let blanks = NameRow.length - excess - 1
        return bytes + repeatElement(UInt8(ascii: " "), count: blanks) + [UInt8(ascii: "\n")]
    }
}
