/// Why an archive was refused.
package enum TarError: Error, Equatable {
    /// A header is damaged or contradicts itself; `at` is the position of its block in the archive.
    case malformed(_ what: String, at: UInt64)
    /// An entry has a type that can't be unpacked.
    case unsupportedType(UInt8, path: String)
    /// The archive is larger than allowed in one respect.
    case overLimit(_ what: String, allowed: UInt64)
    /// The archive ends inside an entry.
    case truncated(at: UInt64)
}

extension TarError: CustomStringConvertible {
    /// One sentence for the user.
    package var description: String {
        switch self {
        case .malformed(let what, let position):
            "damaged tar archive: \(what) (at byte \(position))"
        case .unsupportedType(let type, let path):
            "tar entry \"\(path)\" has the unknown type \(type)"
        case .overLimit(let what, let allowed):
            "tar archive refused: \(what) over the limit of \(allowed)"
        case .truncated(let position): "tar archive is cut off at byte \(position)"
        }
    }
}
