/// What a ``TarReader`` found next.
package enum TarEvent: Equatable, Sendable {
    /// A new entry; ``TarReader/entry`` describes it.
    case entry
    /// Content of the entry: `bytes` of the chunk belong at `offset` of the file. What isn't covered is a hole.
    case content(offset: UInt64, bytes: Range<Int>)
    /// The entry is complete.
    case entryEnd
    /// The end marker; what follows is read and ignored.
    case archiveEnd
}

/// Reads a tar archive that arrives in chunks of any size, without copying the content of its files.
///
/// Understands ustar, GNU long names, base-256 numbers, PAX headers (global ones too), and sparse files in
/// GNU's old format and PAX versions 0.0, 0.1 and 1.0. Names are length-checked here, and resolved safely by
/// whoever unpacks them.
///
///     while let event = try reader.next(in: chunk, at: &cursor) { … }   // for each chunk, cursor from 0
///     try reader.finish()
package struct TarReader: ~Copyable {
    /// The entry that the last `.entry` event announced.
    package private(set) var entry = TarEntry()
    /// How many entries were announced.
    package private(set) var entryCount = 0
    /// How large the announced files are together, holes included.
    package private(set) var expandedBytes: UInt64 = 0

    private let limits: TarLimits
    private var state = State.header
    private var header = TarHeader()
    private var position: UInt64 = 0

    private var metadata: [UInt8] = []
    private var globals = PaxRecords()
    private var extensions = TarExtensions()

    private var map = SparseMap()
    private var oldSparse = OldSparseMap()
    private var mapText = SparseMapText()
    private var storedSize: UInt64 = 0

    fileprivate enum State {
        case header
        case metadata(TarMetadata, remaining: Int)
        case oldSparseMap
        case sparseMapText
        case content
        case padding(Int, endsEntry: Bool)
        case secondZeroBlock
        case ended
    }

    /// A reader at the start of an archive.
    package init(limits: TarLimits) {
        self.limits = limits
    }

    /// The next event in `chunk` from `cursor` on, `nil` when the chunk is used up.
    package mutating func next(
        in chunk: Span<UInt8>,
        at cursor: inout Int
    ) throws(TarError) -> TarEvent? {
        let start = cursor
        defer { position += UInt64(cursor - start) }
        while true {
            if let event = try step(chunk, &cursor) {
                return event
            }
            guard cursor < chunk.count || state.isImmediate(content: map) else {
                try checkLength(consumed: cursor - start)
                return nil
            }
        }
    }

    /// How many zeros are missing behind the last entry's content, when the stream ends there.
    ///
    /// Some writers leave the last block unfilled, and every reader takes that: feed so many zeros before `finish`.
    package var missingPadding: Int {
        if case .padding(let count, endsEntry: true) = state { count } else { 0 }
    }

    /// Says that no chunk follows; throws if the archive isn't complete.
    package func finish() throws(TarError) {
        switch state {
        case .ended, .secondZeroBlock: return
        case .header where header.isEmpty && extensions.isEmpty: return
        default: throw .truncated(at: position)
        }
    }
}

// MARK: - States

extension TarReader {
    /// Does one state's work; `nil` means look at the state again.
    private mutating func step(
        _ chunk: Span<UInt8>,
        _ cursor: inout Int
    ) throws(TarError) -> TarEvent? {
        switch state {
        case .header:
            guard header.fill(from: chunk, at: &cursor) else { return nil }
            defer { header.clear() }
            return try beginBlock()
        case .metadata(let kind, let remaining):
            return try readMetadata(kind, remaining, chunk, &cursor)
        case .oldSparseMap:
            guard header.fill(from: chunk, at: &cursor) else { return nil }
            defer { header.clear() }
            return try continueOldSparseMap()
        case .sparseMapText: return try readSparseMapText(chunk, &cursor)
        case .content: return readContent(chunk, &cursor)
        case .padding(let count, let endsEntry):
            return skip(count, endsEntry, chunk, &cursor)
        case .secondZeroBlock:
            guard header.fill(from: chunk, at: &cursor) else { return nil }
            guard header.isZero else { throw malformed("data after a lone zero block") }
            state = .ended
            return .archiveEnd
        case .ended:
            cursor = chunk.count
            return nil
        }
    }

    private mutating func beginBlock() throws(TarError) -> TarEvent? {
        guard !header.isZero else {
            state = .secondZeroBlock
            return nil
        }
        guard header.hasValidChecksum else { throw malformed("wrong header checksum") }
        guard let kind = TarMetadata(type: header.type) else { return try beginEntry() }
        guard let size = header.number(TarHeader.Field.size), size >= 0 else {
            throw malformed("bad size of an extended header")
        }
        guard size <= kind.limit + 1 else {
            throw .overLimit(kind.limitName, allowed: UInt64(kind.limit))
        }
        metadata.removeAll(keepingCapacity: true)
        state = .metadata(kind, remaining: Int(size))
        return nil
    }

    private mutating func readMetadata(
        _ kind: TarMetadata,
        _ remaining: Int,
        _ chunk: Span<UInt8>,
        _ cursor: inout Int
    ) throws(TarError) -> TarEvent? {
        let count = min(remaining, chunk.count - cursor)
        for index in cursor..<cursor + count { metadata.append(chunk[index]) }
        cursor += count
        state = .metadata(kind, remaining: remaining - count)
        guard count == remaining else { return nil }
        state = .padding(TarHeader.padding(after: UInt64(metadata.count)), endsEntry: false)
        try takeMetadata(kind)
        return nil
    }

    private mutating func takeMetadata(_ kind: TarMetadata) throws(TarError) {
        switch kind {
        case .longName: extensions.longName = Array(metadata.prefix { $0 != 0 })
        case .longLink: extensions.longLink = Array(metadata.prefix { $0 != 0 })
        case .pax:
            guard let records = PaxRecords(metadata) else { throw malformed("bad PAX header") }
            extensions.pax = records
        case .globalPax:
            guard let records = PaxRecords(metadata), records.canBeGlobal else {
                throw malformed("bad global PAX header")
            }
            globals = records
        case .volumeLabel: break
        }
    }

    private mutating func beginEntry() throws(TarError) -> TarEvent? {
        let draft = TarEntryDraft(
            header: header,
            extensions: extensions,
            globals: globals,
            position: position
        )
        storedSize = try draft.fill(&entry)
        entryCount += 1
        guard entryCount <= limits.entries else {
            throw .overLimit("number of entries", allowed: UInt64(limits.entries))
        }
        try beginContent()
        let (sum, overflow) = expandedBytes.addingReportingOverflow(entry.size)
        guard !overflow, sum <= limits.expandedBytes else {
            throw .overLimit("size of the unpacked files", allowed: limits.expandedBytes)
        }
        expandedBytes = sum
        extensions = TarExtensions()
        return .entry
    }

    private mutating func beginContent() throws(TarError) {
        let sparse = extensions.pax?.sparse
        state = .content
        if header.type == TarHeader.oldSparseType {
            guard let first = OldSparseMap(header) else { throw malformed("bad sparse header") }
            oldSparse = first
            entry.size = first.realSize
            if first.isContinued { state = .oldSparseMap } else { try useMap(first.extents) }
        } else if entry.kind == .regular, let sparse, sparse.isPresent {
            guard let size = sparse.realSize else { throw malformed("sparse file without a size") }
            entry.size = size
            mapText = SparseMapText()
            if sparse.hasMapInContent { state = .sparseMapText } else { try useMap(sparse.extents) }
        } else {
            map = SparseMap(wholeFile: storedSize)
        }
    }

    private mutating func useMap(_ extents: [SparseExtent]?) throws(TarError) {
        let mapLength = TarHeader.roundUp(mapText.length)
        guard let extents, mapLength <= storedSize,
            let map = SparseMap(extents, realSize: entry.size, storedSize: storedSize - mapLength)
        else { throw malformed("sparse map and size disagree") }
        self.map = map
    }

    private mutating func continueOldSparseMap() throws(TarError) -> TarEvent? {
        guard oldSparse.append(header) else { throw malformed("bad sparse header") }
        guard !oldSparse.isContinued else { return nil }
        state = .content
        try useMap(oldSparse.extents)
        return nil
    }

    private mutating func readSparseMapText(
        _ chunk: Span<UInt8>,
        _ cursor: inout Int
    ) throws(TarError) -> TarEvent? {
        while mapText.extents == nil {
            guard cursor < chunk.count else { return nil }
            guard mapText.length < storedSize, mapText.take(chunk[cursor]) else {
                throw malformed("bad sparse map")
            }
            cursor += 1
        }
        try useMap(mapText.extents)
        state = .padding(TarHeader.padding(after: mapText.length), endsEntry: false)
        return nil
    }

    private mutating func readContent(_ chunk: Span<UInt8>, _ cursor: inout Int) -> TarEvent? {
        guard let extent = map.current else {
            state = .padding(TarHeader.padding(after: storedSize), endsEntry: true)
            return nil
        }
        let available = chunk.count - cursor
        guard available > 0 else { return nil }
        let count = Int(min(extent.length, UInt64(available)))
        let bytes = cursor..<cursor + count
        cursor += count
        map.advance(UInt64(count))
        return .content(offset: extent.offset, bytes: bytes)
    }

    private mutating func skip(
        _ count: Int,
        _ endsEntry: Bool,
        _ chunk: Span<UInt8>,
        _ cursor: inout Int
    ) -> TarEvent? {
        let skipped = min(count, chunk.count - cursor)
        cursor += skipped
        guard skipped == count else {
            state = .padding(count - skipped, endsEntry: endsEntry)
            return nil
        }
        // After the map of a 1.0 sparse file its content follows, after other metadata the next header.
        state = endsEntry || mapText.length == 0 ? .header : .content
        mapText = SparseMapText()
        return endsEntry ? .entryEnd : nil
    }

    private func checkLength(consumed: Int) throws(TarError) {
        guard position + UInt64(consumed) <= limits.archiveBytes else {
            throw .overLimit("length of the archive", allowed: limits.archiveBytes)
        }
    }

    private func malformed(_ what: String) -> TarError { .malformed(what, at: position) }
}

extension TarReader.State {
    /// True if the state can go on without another byte.
    fileprivate func isImmediate(content: SparseMap) -> Bool {
        switch self {
        case .metadata(_, let remaining): remaining == 0
        case .content: content.current == nil
        case .padding(let count, _): count == 0
        case .header, .oldSparseMap, .sparseMapText, .secondZeroBlock, .ended: false
        }
    }
}
