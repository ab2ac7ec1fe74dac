package import Linux

/// A directory of an image as its layers together show it, without a mount.
///
/// A layer has overlayfs's form: the character device 0:0 says that a name isn't there any more, and an attribute
/// that nothing of lower layers shows in a directory.
package final class MergedDirectory {
    /// One layer's part of the directory.
    private final class Part {
        let directory: Directory
        init(_ directory: consuming Directory) { self.directory = directory }
    }

    /// A name in the directory.
    package struct Entry {
        /// What the topmost layer says about it.
        package let status: FileStatus
        fileprivate let part: Int
    }

    private let parts: [Part]
    /// Whether a whiteout is shown as what it is, which only makes sense for a single layer.
    let showsWhiteouts: Bool

    private init(_ parts: [Part], showsWhiteouts: Bool) {
        self.parts = parts
        self.showsWhiteouts = showsWhiteouts
    }

    /// The roots of layers, the topmost first.
    ///
    /// - Parameter layers: how many there are, at least one.
    /// - Parameter open: opens the layer of an index.
    package convenience init(
        layers: Int,
        open: (Int) throws(BuildError) -> Directory
    ) throws(BuildError) {
        var parts: [Part] = []
        for index in 0..<layers { parts.append(Part(try open(index))) }
        self.init(parts, showsWhiteouts: false)
    }

    /// A single layer with its whiteouts, as it goes into an archive.
    package convenience init(layer: consuming Directory) {
        self.init([Part(layer)], showsWhiteouts: true)
    }

    /// What is known about the directory itself.
    package func status() throws(Errno) -> FileStatus { try parts[0].directory.descriptor.status() }

    /// The extended attributes of the directory itself.
    package func attributes() throws(Errno) -> [ExtendedAttribute] {
        try parts[0].directory.descriptor.imageAttributes()
    }

    /// Whether nothing below the topmost layer is to be seen.
    package var isOpaque: Bool { parts[0].directory.descriptor.isOpaque }

    /// The names that are there, sorted by their bytes.
    package func names() throws(Errno) -> [RawName] {
        if parts.count == 1, showsWhiteouts { return try parts[0].directory.rawNames() }
        var seen: Set<[UInt8]> = []
        var names: [RawName] = []
        for (index, part) in parts.enumerated() {
            for name in try part.directory.rawNames() where seen.insert(name.bytes).inserted {
                if try parts[index].directory.status(of: name).isWhiteout { continue }
                names.append(name)
            }
        }
        return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    /// What a name is; nil if there is nothing of that name.
    package func entry(_ name: RawName) throws(Errno) -> Entry? {
        for (index, part) in parts.enumerated() {
            do throws(Errno) {
                let status = try part.directory.status(of: name)
                if status.isWhiteout, !showsWhiteouts { return nil }
                return Entry(status: status, part: index)
            } catch {
                guard error == .noSuchFile else { throw error }
            }
        }
        return nil
    }

    /// The directory of a name, of which lower layers may have parts too.
    package func directory(_ name: RawName, _ entry: Entry) throws(Errno) -> MergedDirectory {
        var found: [Part] = []
        for part in parts[entry.part...] {
            do throws(Errno) {
                guard try part.directory.status(of: name).kind == .directory else { break }
                found.append(Part(try part.directory.directory(name)))
                if found.last?.directory.descriptor.isOpaque == true { break }
            } catch {
                guard error == .noSuchFile else { throw error }
            }
        }
        guard !found.isEmpty else { throw .notDirectory }
        return MergedDirectory(found, showsWhiteouts: showsWhiteouts)
    }

    /// Opens a regular file for reading.
    package func file(_ name: RawName, _ entry: Entry) throws(Errno) -> Descriptor {
        try parts[entry.part].directory.openFile(name)
    }

    /// Where a symbolic link leads, unresolved.
    package func link(_ name: RawName, _ entry: Entry) throws(Errno) -> [UInt8] {
        try parts[entry.part].directory.readLink(name)
    }
}

extension FileStatus {
    /// The character device 0:0, which hides what lower layers have under its name.
    package var isWhiteout: Bool {
        kind == .characterDevice && deviceMajor == 0 && deviceMinor == 0
    }
}
