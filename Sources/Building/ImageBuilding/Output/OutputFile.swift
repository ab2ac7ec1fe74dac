internal import Linux

/// A file that appears under its name when it is complete, and not at all if it never is.
struct OutputFile: ~Copyable {
    private let directory: Directory
    private let name: String
    private let temporary: String
    private let path: String
    let descriptor: Descriptor
    private var isInPlace = false

    /// A file that will be at `path`.
    ///
    /// - Parameter overwrites: whether a file that is there may be replaced.
    init(path: String, overwrites: Bool) throws(BuildError) {
        let slash = path.utf8.lastIndex(of: 0x2F)
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let parent = slash.map { String(path[...$0]) } ?? "."
        guard !name.isEmpty, name != ".", name != ".." else {
            throw .invalid("\"\(path)\" is not the name of a file")
        }
        let temporary = ".\(name.prefix(200)).\(randomHex(bytes: 6))"
        let directory = try step("open \"\(parent)\"") { () throws(Errno) in
            try Directory(path: parent)
        }
        if !overwrites, directory.contains(name) { throw .invalid(Self.exists(path)) }
        let descriptor = try Self.made(temporary, in: directory, path)
        self.name = name
        self.temporary = temporary
        self.path = path
        self.directory = directory
        self.descriptor = descriptor
    }

    private static func made(
        _ name: String,
        in directory: borrowing Directory,
        _ path: String
    ) throws(BuildError) -> Descriptor {
        try step("write \"\(path)\"") { () throws(Errno) in
            try directory.open(name, [.readWrite, .create, .exclusive], mode: 0o644)
        }
    }

    /// What is said about a file in the way.
    static func exists(_ path: String) -> String {
        path.hasSuffix(".aci")
            ? "ACI already exists: \(path) (see --overwrite)"
            : "image already exists: \(path) (see --overwrite)"
    }

    deinit {
        guard !isInPlace else { return }
        do throws(Errno) { try directory.remove(temporary) } catch {}
    }

    /// Puts the file under its name; a power cut after this loses nothing of it.
    consuming func commit() throws(BuildError) {
        let path = path
        try step("write \"\(path)\"") { () throws(Errno) in
            try descriptor.sync()
            try directory.rename(temporary, to: directory, as: name)
            isInPlace = true
            try directory.descriptor.sync()
        }
    }
}
