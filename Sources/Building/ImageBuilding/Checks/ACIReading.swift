internal import AppContainer
internal import Archives
internal import Compression
internal import Linux

/// Reads an App Container Image from its first byte to its last and holds it to the rules (appc specification, Image
/// Archives): one `manifest`, one directory `rootfs`, nothing beside them, and no name twice.
struct ACIReading: ~Copyable {
    private static let pieceSize = 256 << 10
    /// What it may become unpacked: far more than any image, far less than a header can claim.
    private static let limits = TarLimits(expandedBytes: 1 << 44)

    private(set) var manifest: [UInt8] = []
    private var names: Set<[UInt8]> = []
    private var isInManifest = false
    private var tar = TarReader(limits: limits)

    /// Reads the archive at a path.
    init(path: String) throws(BuildError) {
        let file = try step("open \"\(path)\"") { () throws(Errno) in
            try Descriptor.open(path, .nonBlocking)
        }
        do { try read(file) } catch let error as BuildError { throw error } catch {
            throw .invalid("\(error)")
        }
        guard names.contains(Array("manifest".utf8)) else { throw .invalid(ACICheck.noManifest) }
        guard names.contains(Array("rootfs".utf8)) else { throw .invalid(ACICheck.noRootfs) }
    }

    private mutating func read(_ file: borrowing Descriptor) throws {
        var input = [UInt8](repeating: 0, count: Self.pieceSize)
        var output = input
        var position: UInt64 = 0
        var count = try Self.fill(&input, from: file, at: position)
        guard let format = CompressionFormat(detecting: input.span.extracting(first: count)) else {
            throw BuildError.invalid("unknown filetype")
        }
        var decompressor = try Decompressor(format)
        while count > 0 {
            var cursor = 0
            while cursor < count {
                var room = output.mutableSpan
                let piece = input.span.extracting(first: count)
                let made = try decompressor.decompress(piece, at: &cursor, into: &room)
                try take(output.span.extracting(first: made))
            }
            position += UInt64(count)
            count = try Self.fill(&input, from: file, at: position)
        }
        var made = 1
        while made > 0 {
            var room = output.mutableSpan
            made = try decompressor.flush(into: &room)
            try take(output.span.extracting(first: made))
        }
        try decompressor.finish()
        try take([UInt8](repeating: 0, count: tar.missingPadding).span)
        try tar.finish()
    }

    private static func fill(
        _ buffer: inout [UInt8],
        from file: borrowing Descriptor,
        at position: UInt64
    ) throws(BuildError) -> Int {
        try step("read the image") { () throws(Errno) in
            var room = buffer.mutableSpan
            return try file.read(into: &room, at: position)
        }
    }

    private mutating func take(_ bytes: Span<UInt8>) throws {
        var cursor = 0
        while let event = try tar.next(in: bytes, at: &cursor) {
            switch event {
            case .entry: try begin(tar.entry)
            case .content(_, let range) where isInManifest:
                for index in range { manifest.append(bytes[index]) }
            case .entryEnd where isInManifest:
                guard UInt64(manifest.count) == tar.entry.size else {
                    throw BuildError.invalid("the manifest has holes")
                }
            case .content, .entryEnd, .archiveEnd: break
            }
        }
    }

    private mutating func begin(_ entry: TarEntry) throws(BuildError) {
        let parts = entry.path.split(separator: 0x2F).filter { Array($0) != Array(".".utf8) }
        let name = Array(parts.joined(separator: [0x2F]))
        guard entry.path.first != 0x2F, !parts.contains(where: { Array($0) == Array("..".utf8) })
        else { throw .invalid("the name \"\(entry.printablePath)\" leads out of the image") }
        isInManifest = name == Array("manifest".utf8)
        guard !name.isEmpty else { return }
        guard names.insert(name).inserted else {
            throw .invalid("duplicate file entry in archive: \(entry.printablePath)")
        }
        let isRoot = name == Array("rootfs".utf8)
        guard isInManifest || parts.first.map(Array.init) == Array("rootfs".utf8) else {
            throw .invalid("unrecognized file path in archive: \(entry.printablePath)")
        }
        guard !isRoot || entry.kind == .directory else {
            throw .invalid("rootfs is not a directory")
        }
        guard !isInManifest || entry.kind == .regular && entry.size <= ACICheck.manifestLimit else {
            throw .invalid(
                "the manifest is no file, or larger than \(ACICheck.manifestLimit) bytes"
            )
        }
    }
}
