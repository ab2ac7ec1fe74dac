internal import Linux

/// Why an entry couldn't be made, before it is known by which name to call the entry.
enum Failure: Error {
    case refused(String)
    case call(Errno)

    /// Runs calls of the kernel.
    static func calling<Result: ~Copyable>(
        _ body: () throws(Errno) -> Result
    ) throws(Failure) -> Result {
        do throws(Errno) { return try body() } catch { throw .call(error) }
    }

    /// The error with the entry's name.
    func unpackError(_ path: String) -> UnpackError {
        switch self {
        case .refused(let why): .refused(path: path, why: why)
        case .call(let error): .write(path: path, error)
        }
    }
}
