internal import JSON
package import Linux

/// Why the networks that a pod asks for can't be found.
package enum NetworkCatalogError: Error, Equatable, CustomStringConvertible {
    /// The directory of networks.
    case directory(String, Errno)
    /// A file of it.
    case file(String, Errno)
    /// There are too many files in it.
    case tooMany(String, limit: Int)
    /// Networks that nobody has described; files that can't be used might have.
    case notFound([String], broken: [String])
    /// Files that can't be used, when all networks are asked for.
    case broken([String])

    package var description: String {
        switch self {
        case .directory(let path, let error), .file(let path, let error):
            "cannot read \(quoted(path)): \(error)"
        case .tooMany(let path, let limit): "more than \(limit) networks in \(quoted(path))"
        case .notFound(let names, let broken):
            "networks not found: \(names.joined(separator: ", "))" + list(broken)
        case .broken(let files): "networks that cannot be used" + list(files)
        }
    }

    private func list(_ files: [String]) -> String { files.map { "\n  \($0)" }.joined() }
}
