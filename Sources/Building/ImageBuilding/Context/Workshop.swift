package import ImageStorage
package import Linux

/// A data directory in which images are built: the layers lie where pods look for them.
///
///     images/…   what was fetched, and the layers that are being made (``ImageStore``)
///     pods/…     pods of single steps
///     staging/…  what is being made and is not complete
package struct Workshop: ~Copyable {
    /// The directory.
    package let directory: Directory
    /// Its absolute path.
    package let path: String
    /// Where packed layers lie in it.
    let blobs: String

    /// The workshop in a directory, which may be empty.
    package init(_ directory: consuming Directory, path: String) {
        self.directory = directory
        self.path = path
        blobs = "blobs"
    }

    /// A data directory whose images are written; what is packed goes to a directory of it that passes.
    init(_ directory: consuming Directory, blobs: String) {
        self.directory = directory
        path = "the store"
        self.blobs = blobs
    }

    /// Makes an empty layer of a new name.
    package func makeLayer(_ date: SourceDate) throws(BuildError) -> LayerID {
        guard let id = LayerID("sha256-" + randomHex(bytes: 32)) else {
            throw .invalid("cannot name a layer")
        }
        try step("make a layer") { () throws(Errno) in
            let layers = try directory.makingDirectories("images/layers", mode: 0o700)
            try layers.makeDirectory(id.description, mode: 0o755)
            let layer = try layers.directory(id.description)
            try layer.descriptor.setPermissions(0o755)
            try layer.descriptor.setTime(seconds: date.ofNewDirectories, nanoseconds: 0)
        }
        return id
    }

    /// Makes an empty directory for changes that aren't complete.
    func makeTemporary() throws(BuildError) -> TemporaryName {
        let name = randomHex(bytes: 8)
        try step("make a directory for changes") { () throws(Errno) in
            let parent = try directory.makingDirectories("staging", mode: 0o700)
            try parent.makeDirectory(name, mode: 0o700)
        }
        return TemporaryName(name: name)
    }

    /// Opens a directory for changes.
    func open(_ temporary: TemporaryName) throws(BuildError) -> Directory {
        try step("open a directory for changes") { () throws(Errno) in
            try directory.directory(temporary.path)
        }
    }

    /// Removes a directory for changes, if it is still there; else a later build does.
    func remove(_ temporary: TemporaryName) {
        do throws(Errno) {
            try directory.directory("staging").removeTree(temporary.name)
        } catch {}
    }

    /// A name in `staging`.
    struct TemporaryName {
        let name: String
        var path: String { "staging/\(name)" }
    }

    /// Opens a layer.
    package func layer(_ id: LayerID) throws(BuildError) -> Directory {
        try step("open the layer \(id)") { () throws(Errno) in
            try directory.directory(StoredImage.directory(of: id))
        }
    }

    /// The root of an image as its layers show it.
    package func root(_ layers: [LayerID]) throws(BuildError) -> MergedDirectory {
        let topFirst = Array(layers.reversed())
        return try MergedDirectory(layers: topFirst.count) { (index) throws(BuildError) in
            try layer(topFirst[index])
        }
    }

    /// Removes what is left of changes that were never completed.
    func clean() throws(BuildError) {
        try step("clean up") { () throws(Errno) in try directory.removeTree("staging") }
    }
}

extension Workshop {
    /// Copies a layer of another data directory, whiteouts included.
    package func take(
        _ layer: LayerID,
        from source: consuming Directory,
        _ date: SourceDate
    ) throws(BuildError) {
        let path = StoredImage.directory(of: layer)
        if directory.contains(path) { return }
        let temporary = try makeTemporary()
        let copy = try open(temporary)
        let empty = try step("make a layer") { () throws(Errno) in try copy.duplicate() }
        var staging = TreeStaging(into: copy, above: MergedDirectory(layer: empty), date: date)
        staging.keepsWhiteouts = true
        try staging.copyTree(MergedDirectory(layer: source))
        try step("make a layer") { () throws(Errno) in
            let layers = try directory.makingDirectories("images/layers", mode: 0o700)
            let parent = try directory.directory("staging")
            try parent.rename(temporary.name, to: layers, as: layer.description)
        }
    }
}

extension Workshop {
    /// Makes a layer of the files in an archive.
    package func unpack(
        _ archive: borrowing Descriptor,
        _ date: SourceDate,
        warn: (String) -> Void
    ) throws -> LayerID {
        let layer = try makeLayer(date)
        try ArchiveUnpacking.unpack(archive, into: self.layer(layer), warn: warn)
        return layer
    }
}
