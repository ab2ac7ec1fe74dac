internal import Commands
internal import ImageBuilding
internal import Linux

/// A file or directory of the host that is copied, by a path that the user chose.
struct HostSource {
    /// The directory it is in, or itself.
    let parent: MergedDirectory
    /// Its name there; nil if `parent` is the source, because the path has no name at its end (`.` or `/`).
    let name: RawName?

    /// Opens a source.
    ///
    /// The last component is not followed: a link is copied as one.
    init(_ path: String) throws {
        let (name, directory) = try Self.split(path)
        do throws(Errno) {
            parent = MergedDirectory(layer: try Directory(path: directory))
        } catch {
            throw CommandError.failed("cannot open \"\(directory)\": \(error)")
        }
        self.name = name.flatMap { RawName($0.utf8) }
        if let own = self.name, try parent.entry(own) == nil {
            throw CommandError.failed("\"\(path)\": no such file or directory")
        }
    }

    /// The last component, if the path has one that is a name, and the directory it is in.
    static func split(_ path: String) throws(CommandError) -> (name: String?, directory: String) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .failed("a path is empty") }
        let parts = path.split(separator: "/")
        guard let last = parts.last, last != ".", last != ".." else { return (nil, path) }
        let parent = parts.dropLast().joined(separator: "/")
        let directory = path.hasPrefix("/") ? "/" + parent : parent.isEmpty ? "." : parent
        return (String(last), directory)
    }
}
