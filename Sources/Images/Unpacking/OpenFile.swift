internal import Archives
internal import Linux

/// A regular file that is being written.
struct OpenFile: ~Copyable {
    private let descriptor: Descriptor
    private var end: UInt64 = 0

    /// A file just made.
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Writes a part; what lies between parts stays a hole.
    mutating func write(_ bytes: Span<UInt8>, at offset: UInt64) throws(Errno) {
        try descriptor.write(bytes, at: offset)
        end = offset + UInt64(bytes.count)
    }

    /// Sets everything but the content, which comes first: writing would take set-id bits and capabilities away.
    consuming func complete(
        _ entry: TarEntry,
        _ ownership: Ownership,
        _ warnings: inout Warnings
    ) throws(Errno) {
        if end < entry.size {
            guard let size = Int64(exactly: entry.size) else { throw .invalidArgument }
            try descriptor.truncate(to: size)
        }
        if ownership.differs(entry) { try descriptor.setOwner(uid: entry.uid, gid: entry.gid) }
        if entry.mode & 0o7000 != 0 { try descriptor.setPermissions(entry.mode) }
        try descriptor.setAttributes(of: entry, &warnings)
        try descriptor.setTime(
            seconds: entry.modified.seconds,
            nanoseconds: entry.modified.nanoseconds
        )
    }
}

extension Descriptor {
    /// Sets owner, mode and attributes of a directory.
    func describe(
        _ entry: TarEntry,
        _ ownership: Ownership,
        _ warnings: inout Warnings
    ) throws(Errno) {
        if ownership.differs(entry) { try setOwner(uid: entry.uid, gid: entry.gid) }
        // After the owner, because changing that takes set-id bits away.
        try setPermissions(entry.mode)
        try setAttributes(of: entry, &warnings)
    }

    /// Sets the attributes that images may bring along.
    fileprivate func setAttributes(
        of entry: TarEntry,
        _ warnings: inout Warnings
    ) throws(Errno) {
        for attribute in entry.extendedAttributes {
            guard AttributePolicy.keeps(attribute), let name = RawPath(attribute.name) else {
                warnings.addAttributes(of: entry)
                continue
            }
            do throws(Errno) {
                try setExtendedAttribute(name, attribute.value)
            } catch {
                // The file system has none, or the user namespace may not set file capabilities.
                guard error == .notSupported || error == .notPermitted else { throw error }
                warnings.addAttributes(of: entry)
            }
        }
    }
}
