internal import Linux

/// An OCI layout in a directory: only regular files below it, reached without following any link (R1).
struct LayoutDirectory: ImageFiles {
    private let root: Root

    private final class Root {
        let directory: Directory
        init(_ directory: consuming Directory) { self.directory = directory }
    }

    init(_ directory: consuming Directory) { root = Root(directory) }

    func source(_ path: String) throws(ImportError) -> FileContent {
        do throws(Errno) {
            // Without O_NONBLOCK a FIFO of that name would hold us for ever.
            let file = try root.directory.open(path, .nonBlocking)
            let status = try file.status()
            if status.kind == .regular {
                return FileContent(file, offset: 0, length: status.size)
            }
        } catch {
            switch error {
            case .noSuchFile, .notDirectory: throw .missing(path)
            case .tooManyLinks: throw .mismatch(path, reason: "is a symbolic link")
            default: throw .step("open \"\(path)\"", error)
            }
        }
        throw .mismatch(path, reason: "is not a regular file")
    }
}
