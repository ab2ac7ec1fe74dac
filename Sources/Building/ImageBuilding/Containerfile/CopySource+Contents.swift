internal import Compression
internal import Linux

extension CopySource {
    /// What is looked at to tell whether files are the same.
    enum Look {
        /// What they hold.
        case contents
        /// Only what changes whenever somebody writes to them.
        case stamps
    }

    /// A digest of everything that a copy takes over.
    func digest(of found: FoundFile, _ look: Look) throws -> String {
        guard let name = found.path.last else {
            return try digest(of: root, at: "", of: found, look)
        }
        let parent = try root.directory(at: Array(found.path.dropLast()))
        guard let entry = try parent.entry(name) else { return "" }
        return try digest(of: name, entry, in: parent, at: "", of: found, look)
    }

    private func digest(
        of directory: MergedDirectory,
        at path: String,
        of found: FoundFile,
        _ look: Look
    ) throws -> String {
        var parts = [try directory.status().text(look)]
        for name in try directory.names() {
            let place = path.isEmpty ? name.text : "\(path)/\(name.text)"
            guard !excludes(place, of: found), let entry = try directory.entry(name) else {
                continue
            }
            parts.append(hexadecimal(name.bytes))
            parts.append(try digest(of: name, entry, in: directory, at: place, of: found, look))
        }
        return ContainerfileBuild.key(parts.joined(separator: " "))
    }

    private func digest(
        of name: RawName,
        _ entry: MergedDirectory.Entry,
        in directory: MergedDirectory,
        at path: String,
        of found: FoundFile,
        _ look: Look
    ) throws -> String {
        let status = entry.status
        switch status.kind {
        case .directory:
            let below = try directory.directory(name, entry)
            return try digest(of: below, at: path, of: found, look)
        case .symbolicLink: return "link \(hexadecimal(try directory.link(name, entry)))"
        case .regular where look == .contents:
            let file = try directory.file(name, entry)
            return "file \(status.text(look)) \(try Self.sum(of: file))"
        case .regular: return "file \(status.text(look))"
        case .fifo: return "fifo \(status.text(look))"
        default: return "other"
        }
    }

    /// The SHA-256 of a file.
    static func sum(of file: borrowing Descriptor) throws -> String {
        var hasher = try Hasher(.sha256)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var position: UInt64 = 0
        while true {
            var span = buffer.mutableSpan
            let count = try file.read(into: &span, at: position)
            if count == 0 { break }
            try hasher.update(buffer.span.extracting(first: count))
            position += UInt64(count)
        }
        return hexadecimal(try hasher.finish())
    }
}

extension FileStatus {
    fileprivate func text(_ look: CopySource.Look) -> String {
        switch look {
        case .contents: "\(permissions)"
        case .stamps: "\(device) \(inode) \(size) \(changed.seconds).\(changed.nanoseconds)"
        }
    }
}
