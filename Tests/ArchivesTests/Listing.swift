import Archives

/// What a reader saw of one entry, content put in place.
struct Listed: Equatable {
    var entry: TarEntry
    var content: [UInt8]
}

/// Reads a whole archive in chunks of one size.
func list(
    _ archive: [UInt8],
    chunk: Int = 64 << 10,
    limits: TarLimits = TarLimits(expandedBytes: 64 << 20)
) throws(TarError) -> [Listed] {
    var reader = TarReader(limits: limits)
    var result: [Listed] = []
    var start = 0
    while start < archive.count {
        let piece = archive.span.extracting(start..<min(start + chunk, archive.count))
        var cursor = 0
        while let event = try reader.next(in: piece, at: &cursor) {
            switch event {
            case .entry:
                let size = Int(reader.entry.size)
                result.append(
                    Listed(entry: reader.entry, content: [UInt8](repeating: 0, count: size))
                )
            case .content(let offset, let bytes):
                for index in bytes {
                    let place = Int(offset) + index - bytes.lowerBound
                    result[result.count - 1].content[place] = piece[index]
                }
            case .entryEnd, .archiveEnd: break
            }
        }
        start += chunk
    }
    try reader.finish()
    return result
}
