/// What a PAX extended header says about the next entry, or a global one about all that follow.
///
/// The format is in POSIX.1-2017, `pax`, "pax Extended Header": records of `LENGTH KEYWORD=VALUE\n`.
struct PaxRecords {
    private(set) var path: [UInt8]?
    private(set) var linkPath: [UInt8]?
    private(set) var size: UInt64?
    private(set) var uid: UInt32?
    private(set) var gid: UInt32?
    private(set) var modified: TarTime?
    private(set) var extendedAttributes: [TarAttribute] = []
    private(set) var sparse = PaxSparse()

    /// Nothing said.
    init() {}

    /// The records of one extended header, `nil` if it is damaged.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let length = rest.firstIndex(of: 0x20).flatMap({ TarNumber.decimal(rest[..<$0]) }) {
            guard let count = Int(exactly: length), count <= rest.count,
                let record = Record(rest.prefix(count)), take(record)
            else { return nil }
            rest = rest.dropFirst(count)
        }
        // Some writers pad the header with NULs; anything else left over is damage.
        guard rest.allSatisfy({ $0 == 0 }) else { return nil }
    }

    /// True if it says nothing that only a single entry can have.
    var canBeGlobal: Bool {
        path == nil && linkPath == nil && size == nil && extendedAttributes.isEmpty
            && !sparse.isPresent
    }

    private struct Record {
        let keyword: ArraySlice<UInt8>
        let value: ArraySlice<UInt8>

        init?(_ bytes: ArraySlice<UInt8>) {
            guard bytes.last == UInt8(ascii: "\n"), let space = bytes.firstIndex(of: 0x20) else {
                return nil
            }
            let text = bytes[(space + 1)...].dropLast()
            guard let equals = text.firstIndex(of: UInt8(ascii: "=")), equals > text.startIndex
            else { return nil }
            keyword = text[..<equals]
            value = text[(equals + 1)...]
        }
    }

    /// False if the value can't be what the keyword calls for.
    private mutating func take(_ record: Record) -> Bool {
        let keyword = String(decoding: record.keyword, as: UTF8.self)
        let value = record.value
        switch keyword {
        case "path": return Self.set(&path, value.isEmpty ? nil : name(value), from: value)
        case "linkpath": return Self.set(&linkPath, value.isEmpty ? nil : name(value), from: value)
        case "size": return Self.set(&size, TarNumber.decimal(value), from: value)
        case "uid": return Self.set(&uid, identity(value), from: value)
        case "gid": return Self.set(&gid, identity(value), from: value)
        case "mtime": return Self.set(&modified, TarNumber.time(value), from: value)
        default:
            if keyword.hasPrefix("GNU.sparse.") {
                return sparse.take(keyword.dropFirst("GNU.sparse.".count), value)
            }
            return takeAttribute(record)
        }
    }

    /// An empty value takes back what an earlier record or a global header said.
    private static func set<Value>(
        _ field: inout Value?,
        _ value: Value?,
        from text: ArraySlice<UInt8>
    ) -> Bool {
        field = value
        return value != nil || text.isEmpty
    }

    private mutating func takeAttribute(_ record: Record) -> Bool {
        guard record.keyword.starts(with: Self.attributePrefix) else { return true }
        let name = Array(record.keyword.dropFirst(Self.attributePrefix.count))
        guard !name.isEmpty, !name.contains(0) else { return false }
        extendedAttributes.removeAll { $0.name == name }
        extendedAttributes.append(TarAttribute(name: name, value: Array(record.value)))
        return true
    }

    private static let attributePrefix = Array("SCHILY.xattr.".utf8)

    private func name(_ value: ArraySlice<UInt8>) -> [UInt8]? {
        value.contains(0) ? nil : Array(value)
    }

    private func identity(_ value: ArraySlice<UInt8>) -> UInt32? {
        TarNumber.decimal(value).flatMap { UInt32(exactly: $0) }.flatMap { $0 == .max ? nil : $0 }
    }
}
