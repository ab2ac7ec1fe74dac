/// Everything said about one entry, from which the entry is made.
///
/// What is more specific wins: GNU long name, PAX header, global PAX header, the fields of the block.
struct TarEntryDraft {
    let header: TarHeader
    let extensions: TarExtensions
    let globals: PaxRecords
    /// Where the header lies, for errors.
    let position: UInt64

    /// Makes the entry, reusing its storage, and returns how many bytes of content the archive has for it.
    func fill(_ entry: inout TarEntry) throws(TarError) -> UInt64 {
        try fillPath(&entry.path)
        entry.kind = try kind(path: entry.path)
        try fillLinkTarget(&entry)
        entry.mode = UInt32(truncatingIfNeeded: try number(TarHeader.Field.mode, "mode") & 0o7777)
        entry.uid = try identity(extensions.pax?.uid ?? globals.uid, TarHeader.Field.uid, "uid")
        entry.gid = try identity(extensions.pax?.gid ?? globals.gid, TarHeader.Field.gid, "gid")
        entry.modified = try time(extensions.pax?.modified ?? globals.modified)
        entry.extendedAttributes = extensions.pax?.extendedAttributes ?? []
        entry.size = entry.kind == .regular ? try size() : 0
        return entry.size
    }

    private func fillPath(_ path: inout [UInt8]) throws(TarError) {
        let sparseName = extensions.pax?.sparse.name
        if let name = extensions.longName ?? sparseName ?? extensions.pax?.path {
            path = name
        } else {
            header.readName(into: &path)
        }
        guard !path.isEmpty else { throw malformed("entry without a name") }
        try checkLength(path)
        var component = 0
        for byte in path {
            component = byte == UInt8(ascii: "/") ? 0 : component + 1
            guard component <= TarLimits.componentLength else {
                throw .overLimit(
                    "length of a file name",
                    allowed: UInt64(TarLimits.componentLength)
                )
            }
        }
    }

    private func fillLinkTarget(_ entry: inout TarEntry) throws(TarError) {
        guard entry.kind == .hardLink || entry.kind == .symbolicLink else {
            entry.linkTarget.removeAll(keepingCapacity: true)
            return
        }
        entry.linkTarget =
            extensions.longLink ?? extensions.pax?.linkPath
            ?? header.text(TarHeader.Field.linkName)
        guard !entry.linkTarget.isEmpty else { throw malformed("link without a target") }
        try checkLength(entry.linkTarget)
    }

    private func kind(path: [UInt8]) throws(TarError) -> TarKind {
        switch header.type {
        // Before POSIX a directory was a file whose name ends in a slash.
        case 0, UInt8(ascii: "0"): path.last == UInt8(ascii: "/") ? .directory : .regular
        case UInt8(ascii: "7"), TarHeader.oldSparseType: .regular
        case UInt8(ascii: "1"): .hardLink
        case UInt8(ascii: "2"): .symbolicLink
        case UInt8(ascii: "3"):
            .characterDevice(major: try device().major, minor: try device().minor)
        case UInt8(ascii: "4"): .blockDevice(major: try device().major, minor: try device().minor)
        case UInt8(ascii: "5"): .directory
        case UInt8(ascii: "6"): .fifo
        default: throw .unsupportedType(header.type, path: printable(path))
        }
    }

    private func device() throws(TarError) -> (major: UInt32, minor: UInt32) {
        (
            try bounded(TarHeader.Field.deviceMajor, "device number"),
            try bounded(TarHeader.Field.deviceMinor, "device number")
        )
    }

    private func size() throws(TarError) -> UInt64 {
        let size: UInt64?
        if let given = extensions.pax?.size {
            size = given
        } else {
            size = UInt64(exactly: try number(TarHeader.Field.size, "size"))
        }
        // Files can't be larger than the kernel's signed 64 bits.
        guard let size, size <= UInt64(Int64.max) else { throw malformed("impossible size") }
        return size
    }

    /// The id 4294967295 means "leave it alone" to chown, so a file could get root's id from it.
    private func identity(
        _ said: UInt32?,
        _ field: Range<Int>,
        _ name: String
    ) throws(TarError) -> UInt32 {
        if let said { return said }
        let value = try bounded(field, name)
        guard value != .max else { throw malformed("\(name) out of range") }
        return value
    }

    private func bounded(_ field: Range<Int>, _ name: String) throws(TarError) -> UInt32 {
        guard let value = UInt32(exactly: try number(field, name)) else {
            throw malformed("\(name) out of range")
        }
        return value
    }

    private func time(_ said: TarTime?) throws(TarError) -> TarTime {
        if let said { return said }
        return TarTime(seconds: try number(TarHeader.Field.modified, "time"))
    }

    private func number(_ field: Range<Int>, _ name: String) throws(TarError) -> Int64 {
        guard let value = header.number(field) else { throw malformed("\(name) is not a number") }
        return value
    }

    private func checkLength(_ path: [UInt8]) throws(TarError) {
        guard path.count <= TarLimits.pathLength else {
            throw .overLimit("length of a path", allowed: UInt64(TarLimits.pathLength))
        }
    }

    private func malformed(_ what: String) -> TarError { .malformed(what, at: position) }
}
