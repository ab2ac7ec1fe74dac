internal import ImageStorage
internal import JSON
internal import Linux
internal import References
internal import Trust

/// `rkt image list`.
struct ImageListCommand: Command {
    static let name = "image list"
    static let summary = "List images in the local store"
    static let usage = "[--fields=LIST] [--sort=LIST] [--order=asc|desc] [--full] [--no-legend]"
    /// Digits of an ID unless all are wanted.
    private static let digits = 12

    /// A column of the table.
    private enum Field: String, CaseIterable {
        case id
        case name
        case size
        case importTime = "importtime"
        case lastUsed = "lastused"
        case signer

        /// Those that are shown unless others are asked for.
        static let usual: [Self] = [.id, .name, .size, .importTime, .lastUsed]

        var title: String {
            switch self {
            case .id: "ID"
            case .name: "NAME"
            case .size: "SIZE"
            case .importTime: "IMPORT TIME"
            case .lastUsed: "LAST USED"
            case .signer: "SIGNED BY"
            }
        }
    }

    /// An image under one of its names, and when it was used last.
    private struct Row {
        let image: StoredImage
        let name: String
        let lastUsed: Int64
    }

    static var flags: [Flag<Self>] {
        [
            .list(
                "fields",
                default: names(Field.usual),
                "comma-separated list of fields to show"
            ) { command, names throws(CommandError) in
                command.fields = try Self.fields(names, among: Field.allCases)
            },
            .list("sort", default: "importtime", "sort the output by the provided fields") {
                command,
                names throws(CommandError) in
                command.sorting = try Self.fields(
                    names,
                    among: [.name, .importTime, .lastUsed, .size]
                )
            },
            .string("order", default: "asc", "choose the sorting order: asc or desc") {
                command,
                text throws(CommandError) in
                guard text == "asc" || text == "desc" else {
                    throw .value("it is not \"asc\" or \"desc\"")
                }
                command.isDescending = text == "desc"
            },
            .bool("full", "use long output format") { $0.isFull = $1 },
            .bool("no-legend", "suppress a legend with the list") { $0.hasLegend = !$1 },
            OutputFormat.flag { $0.format = $1 },
        ]
    }

    private var fields = Field.usual
    private var sorting = [Field.importTime]
    private var isDescending = false
    private var isFull = false
    private var hasLegend = true
    private var format = OutputFormat.text

    mutating func run(_ context: Context) throws {
        try context.refuseArguments()
        let store = try context.imageStore()
        var rows = try store.list().flatMap { image in
            let names = image.names.isEmpty ? [""] : image.names.map(\.displayName)
            // The import itself is a use, noted a moment before it is over.
            let lastUsed = max(store.lastUse(of: image.id)?.totalNanoseconds ?? 0, image.importTime)
            return names.map { Row(image: image, name: $0, lastUsed: lastUsed) }
        }
        rows.sort(by: precedes)
        if let json = format.encoded(.array(rows.map(json))) {
            context.print(json)
        } else {
            context.print(table(rows), terminator: "")
        }
    }

    private func precedes(_ left: Row, _ right: Row) -> Bool {
        let (first, second) = isDescending ? (right, left) : (left, right)
        for field in sorting {
            switch field {
            case .name where first.name != second.name: return first.name < second.name
            case .size where first.image.size != second.image.size:
                return first.image.size < second.image.size
            case .importTime where first.image.importTime != second.image.importTime:
                return first.image.importTime < second.image.importTime
            case .lastUsed where first.lastUsed != second.lastUsed:
                return first.lastUsed < second.lastUsed
            default: continue
            }
        }
        return (left.image.id.description, left.name) < (right.image.id.description, right.name)
    }

    private func table(_ rows: [Row]) -> String {
        var table = Table()
        if hasLegend { table.append(fields.map(\.title)) }
        let now = Time.now()
        for row in rows { table.append(fields.map { cell($0, of: row, now) }) }
        return table.text
    }

    private func cell(_ field: Field, of row: Row, _ now: Time) -> String {
        switch field {
        case .id:
            isFull ? row.image.id.description : row.image.id.abbreviated(to: Self.digits)
        case .name: row.name
        case .size: isFull ? String(row.image.size) : humanSize(row.image.size)
        case .importTime: text(row.image.importTime, now)
        case .lastUsed: text(row.lastUsed, now)
        case .signer: row.image.vouchers
        }
    }

    private func text(_ nanoseconds: Int64, _ now: Time) -> String {
        let time = Time(
            seconds: nanoseconds / 1_000_000_000,
            nanoseconds: UInt32(clamping: nanoseconds % 1_000_000_000)
        )
        return isFull ? time.full() : time.ago(from: now)
    }

    private func json(_ row: Row) -> JSON {
        .object(
            [
                .init("id", .string(row.image.id.description)),
                .init("name", .string(row.name)),
                .init("import_time", .integer(row.image.importTime)),
                .init("last_used_time", .integer(row.lastUsed)),
                .init("size", .integer(Int64(clamping: row.image.size))),
            ] + row.image.trustMembers
        )
    }

    private static func fields(
        _ names: [String],
        among allowed: [Field]
    ) throws(CommandError) -> [Field] {
        var fields: [Field] = []
        for name in names {
            guard let field = Field(rawValue: name), allowed.contains(field) else {
                throw .value("\"\(name)\" is none of \(Self.names(allowed))")
            }
            guard !fields.contains(field) else { throw .value("\"\(name)\" is given twice") }
            fields.append(field)
        }
        guard !fields.isEmpty else { throw .value("it is empty") }
        return fields
    }

    private static func names(_ fields: [Field]) -> String {
        fields.map(\.rawValue).joined(separator: ",")
    }
}

extension StoredImage {
    /// Who has signed it, else why it is here without a signature.
    fileprivate var vouchers: String {
        switch warrant {
        case .signed:
            var seen: Set<ImageSignature.Key> = []
            let keys = signatures.map(\.key).filter { seen.insert($0).inserted }
            return keys.map(\.description).joined(separator: ", ")
        case .exempt(let exemption): return "nobody (\(exemption.rawValue))"
        case nil: return "unknown"
        }
    }

    /// How it was let in, for programs.
    var trustMembers: [JSON.Member] {
        let exemption: JSON =
            if case .exempt(let exemption) = warrant { .string(exemption.rawValue) } else { .null }
        return [
            .init("signatures", .array(signatures.map(\.json))), .init("exemption", exemption),
        ]
    }
}
