package import AppContainer
package import Linux

/// Why the image store couldn't do what it was asked.
package enum StoreError: Error, Equatable, CustomStringConvertible {
    /// A step on a file of the store failed.
    case file(_ step: String, _ path: String, Errno)
    /// A file of the store isn't what this version writes.
    case damaged(path: String, reason: String)
    /// An image whose description can't be kept.
    case unstorable(ImageID, reason: String)
    /// Nothing in the store matches.
    case notFound(String)
    /// Several images match a prefix.
    case ambiguous(ImageHash, candidates: [ImageID])
    /// A prefix with so few digits that it means nothing.
    case tooShort(ImageHash)
    /// A name too long for a file of the store.
    case longName(String)

    package var description: String {
        switch self {
        case .file(let step, let path, let error): "cannot \(step) \"\(path)\": \(error)"
        case .damaged(let path, let reason):
            "\"\(path)\" is damaged: \(reason) (remove the image and fetch it again)"
        case .unstorable(let id, let reason): "cannot store image \"\(id)\": \(reason)"
        case .notFound(let what): "no image \"\(what)\" in the store (see rkt fetch)"
        case .ambiguous(let prefix, let candidates):
            "ambiguous image ID: \"\(prefix)\" begins "
                + candidates.map { $0.abbreviated(to: 16) }.joined(separator: ", ")
        case .tooShort(let prefix): "image ID too short: \"\(prefix)\" (two digits at least)"
        case .longName(let name): "the image name \"\(name)\" is too long for the store"
        }
    }
}

/// Runs one step on a file of the store; what fails is reported with the step and the path.
@discardableResult
func storing<Result: ~Copyable>(
    _ step: String,
    _ path: String,
    _ body: () throws(Errno) -> Result
) throws(StoreError) -> Result {
    do throws(Errno) { return try body() } catch { throw .file(step, path, error) }
}
