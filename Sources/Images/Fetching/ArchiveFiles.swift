internal import Archives
internal import Linux

/// The files of a tar, found by one pass over its headers; their contents are read where they lie.
struct ArchiveFiles: ImageFiles {
    private enum Member {
        case content(offset: UInt64, length: UInt64)
        case link(String)
    }

    private static let memberLimit = 100_000
    /// Old Docker archives link layers to others; a chain longer than this is a trick.
    private static let linkLimit = 8

    private let file: Shared
    private var members: [String: Member] = [:]

    private final class Shared {
        let descriptor: Descriptor
        init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    }

    /// Reads the headers of an archive.
    init(_ archive: consuming Descriptor) throws(ImportError) {
        file = Shared(archive)
        let size = try step("read the archive") { () throws(Errno) in
            try file.descriptor.status().size
        }
        try Self.checkFormat(file.descriptor)
        var position: UInt64 = 0
        while let found = try Self.entry(at: position, in: file.descriptor) {
            guard members.count < Self.memberLimit else {
                throw .invalid("more than \(Self.memberLimit) files in the archive")
            }
            let (end, overflow) = found.start.addingReportingOverflow(found.entry.size)
            guard !overflow, end <= size else { throw .invalid("the archive is cut off") }
            record(found.entry, at: found.start)
            let (next, carry) = end.addingReportingOverflow((512 - end % 512) % 512)
            guard !carry, next > position else { throw .invalid("the archive is damaged") }
            position = next
        }
        guard !members.isEmpty else { throw .invalid("there is no file in the archive") }
    }

    func source(_ path: String) throws(ImportError) -> FileContent {
        var path = path
        for _ in 0...Self.linkLimit {
            switch members[path] {
            case .content(let offset, let length):
                let copy = try step("open \"\(path)\"") { () throws(Errno) in
                    try file.descriptor.duplicate()
                }
                return FileContent(copy, offset: offset, length: length)
            case .link(let target): path = target
            case nil: throw .missing(path)
            }
        }
        throw .mismatch(path, reason: "is a link to a link to a link")
    }

    /// A compressed archive can't be read here and there.
    private static func checkFormat(_ file: borrowing Descriptor) throws(ImportError) {
        let start = try step("read the archive") { () throws(Errno) in
            try file.read(at: 0, count: CompressionFormat.detectionLength)
        }
        switch CompressionFormat(detecting: start.span) {
        case .plain: return
        case nil: throw .invalid("not a tar archive")
        case let format?:
            throw .invalid("compressed as a whole by \(format.rawValue): unpack it first")
        }
    }

    private mutating func record(_ entry: TarEntry, at start: UInt64) {
        guard let path = Self.normalized(entry.path) else { return }
        // The first of a name counts, for all readers of this archive alike: we are the only one.
        guard members[path] == nil else { return }
        switch entry.kind {
        case .regular: members[path] = .content(offset: start, length: entry.size)
        case .symbolicLink:
            let target = entry.linkTarget.first == UInt8(ascii: "/") ? [] : parent(of: entry.path)
            members[path] = Self.normalized(target + entry.linkTarget).map { .link($0) }
        case .hardLink: members[path] = Self.normalized(entry.linkTarget).map { .link($0) }
        default: return
        }
    }

    private func parent(of path: [UInt8]) -> [UInt8] {
        path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[...$0]) } ?? []
    }

    /// A path inside the archive without `.` and `..`; nil for one that leaves it or isn't text.
    private static func normalized(_ path: [UInt8]) -> String? {
        guard let text = String(validating: path, as: UTF8.self) else { return nil }
        var parts: [Substring] = []
        for part in text.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    /// The entry whose headers begin at a position, and where its content begins; nil at the archive's end.
    private static func entry(
        at position: UInt64,
        in file: borrowing Descriptor
    ) throws(ImportError) -> (entry: TarEntry, start: UInt64)? {
        var reader = TarReader(limits: TarLimits(expandedBytes: .max))
        var position = position
        while true {
            let chunk: [UInt8]
            do throws(Errno) {
                guard let offset = Int64(exactly: position) else { throw .invalidArgument }
                // A header, and mostly what extends it; contents are skipped.
                chunk = try file.read(at: offset, count: 2048)
            } catch { throw .step("read the archive", error) }
            guard !chunk.isEmpty else {
                do throws(TarError) { try reader.finish() } catch {
                    throw .invalid(error.description)
                }
                return nil
            }
            var cursor = 0
            do throws(TarError) {
                switch try reader.next(in: chunk.span, at: &cursor) {
                case .entry: return (reader.entry, position + UInt64(cursor))
                case .archiveEnd: return nil
                default: position += UInt64(cursor)
                }
            } catch { throw .invalid(error.description) }
        }
    }
}
