internal import Archives
internal import Linux

/// The tar of an OCI layout: few members, of which the large ones are copied by the kernel.
struct LayoutArchive {
    private var tar = TarWriter()
    private let date: SourceDate

    /// An archive at its start.
    init(date: SourceDate) { self.date = date }

    /// Writes a document.
    mutating func add(
        _ name: String,
        _ bytes: [UInt8],
        to file: borrowing Descriptor,
        _ path: String
    ) throws(BuildError) {
        tar.write(entry(name), content: bytes)
        try flush(to: file, path)
    }

    /// Copies a file.
    mutating func add(
        _ name: String,
        _ content: borrowing Descriptor,
        size: UInt64,
        to file: borrowing Descriptor,
        _ path: String
    ) throws(BuildError) {
        var entry = entry(name)
        entry.size = size
        tar.begin(entry)
        try flush(to: file, path)
        try step("write \"\(path)\"") { () throws(Errno) in
            try content.send(to: file, count: Int64(size))
        }
        tar.end(entry)
        try flush(to: file, path)
    }

    /// Writes the end marker.
    mutating func finish(_ file: borrowing Descriptor, _ path: String) throws(BuildError) {
        tar.finish()
        try flush(to: file, path)
    }

    private func entry(_ name: String) -> TarEntry {
        var entry = TarEntry(path: Array(name.utf8))
        entry.modified = TarTime(seconds: date.ofNewDirectories)
        return entry
    }

    private mutating func flush(
        to file: borrowing Descriptor,
        _ path: String
    ) throws(BuildError) {
        let bytes = tar.drain()
        try step("write \"\(path)\"") { () throws(Errno) in try file.write(bytes) }
    }
}
