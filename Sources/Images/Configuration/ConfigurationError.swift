package import JSON
package import Linux

/// Why a configuration can't be used.
package enum ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// A directory or file can't be read.
    case read(path: String, Errno)
    /// A file isn't what it should be.
    case file(path: String, JSONError)
    /// Two files of one directory say different things about the same.
    case twice(path: String, what: String)

    package var description: String {
        switch self {
        case .read(let path, let error): "cannot read \"\(path)\": \(error)"
        case .file(let path, let error): "bad configuration \"\(path)\": \(error)"
        case .twice(let path, let what):
            "\"\(path)\": \(what) is configured twice in this directory"
        }
    }
}
