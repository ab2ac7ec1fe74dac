package import Linux

/// A directory that appears under its name when it is complete, and not at all if it never is.
///
/// It is filled beside where it will be, under a hidden name.
package struct OutputDirectory: ~Copyable {
    /// Where to put its contents.
    package let directory: Directory
    private let parent: Directory
    private let name: String
    private let temporary: String
    private let replaces: Bool
    private var isInPlace = false

    /// A directory that will be at `path`.
    ///
    /// - Parameter overwrites: whether what is there, a directory, is replaced.
    package init(path: String, overwrites: Bool) throws(OutputError) {
        var path = path
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        let slash = path.utf8.lastIndex(of: 0x2F)
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let place = slash.map { String(path[...$0]) } ?? "."
        guard !name.isEmpty, name != ".", name != ".." else { throw .name(path) }
        let temporary = ".\(name.prefix(200)).\(randomHex(bytes: 6))"
        let parent = try making(path) { () throws(Errno) in try Directory(path: place) }
        let replaces = parent.contains(name)
        if replaces {
            guard overwrites else { throw .exists(path) }
            let kind = try making(path) { () throws(Errno) in try parent.status(of: name).kind }
            guard kind == .directory else { throw .notADirectory(path) }
        }
        let directory = try making(path) { () throws(Errno) in
            try parent.makeDirectory(temporary, mode: 0o755)
            let directory = try parent.directory(temporary)
            try directory.descriptor.setPermissions(0o755)
            return directory
        }
        self.directory = directory
        self.parent = parent
        self.name = name
        self.temporary = temporary
        self.replaces = replaces
    }

    deinit {
        if !isInPlace { try? parent.removeTree(temporary) }
    }

    /// Puts it, or one of its own directories instead of it, under its name.
    package consuming func commit(_ part: String? = nil) throws(OutputError) {
        let path = name
        do throws(Errno) {
            try directory.descriptor.syncFileSystem()
            if let part {
                let inner = temporary + "-"
                try directory.rename(part, to: parent, as: inner, exclusive: true)
                try place(inner)
                try parent.removeTree(temporary)
            } else {
                try place(temporary)
            }
            isInPlace = true
            try parent.descriptor.sync()
        } catch { throw .make(path, error) }
    }

    private func place(_ made: String) throws(Errno) {
        guard replaces else {
            return try parent.rename(made, to: parent, as: name, exclusive: true)
        }
        // What was there is never in the middle of being removed under its name.
        try parent.exchange(made, with: name, in: parent)
        try parent.removeTree(made)
    }
}

/// Why something can't be written where a user wants it.
package enum OutputError: Error, Equatable, CustomStringConvertible {
    /// The path names nothing that can be made.
    case name(String)
    /// It is there already.
    case exists(String)
    /// What is there is no directory.
    case notADirectory(String)
    /// The kernel refused.
    case make(String, Errno)
    /// The files of an image couldn't be copied.
    case copy(String, Errno)

    package var description: String {
        switch self {
        case .name(let path): "\"\(path)\" is not the name of a directory that can be made"
        case .exists(let path): "\"\(path)\" is there already (see --overwrite)"
        case .notADirectory(let path):
            "\"\(path)\" is there and is no directory: it is not replaced"
        case .make(let path, let error): "cannot write \"\(path)\": \(error)"
        case .copy(let image, let error): "cannot copy the files of image \"\(image)\": \(error)"
        }
    }
}

extension ImageStore {
    /// Copies what an image's layers show, and its manifest, into a directory of a user: `manifest` and `rootfs`.
    ///
    /// - Parameter hasManifest: without it the directory is the root itself.
    package func extract(
        _ image: StoredImage,
        to output: consuming OutputDirectory,
        hasManifest: Bool
    ) throws(OutputError) {
        do throws(Errno) {
            let root = try output.directory.making("rootfs")
            try root.descriptor.setPermissions(0o755)
            var copy = TreeCopy(into: root)
            for layer in image.layers {
                let directory = try data.directory(StoredImage.directory(of: layer))
                try copy.add(layer: directory)
            }
            if hasManifest {
                try output.directory.createFile("manifest", image.manifestBytes, mode: 0o644)
            }
        } catch { throw .copy(image.shownName, error) }
        try output.commit(hasManifest ? nil : "rootfs")
    }
}

private func making<Result: ~Copyable>(
    _ path: String,
    _ body: () throws(Errno) -> Result
) throws(OutputError) -> Result {
    do throws(Errno) { return try body() } catch { throw .make(path, error) }
}

extension Directory {
    fileprivate func making(_ name: String) throws(Errno) -> Directory {
        try makeDirectory(name, mode: 0o755)
        return try directory(name)
    }
}
