package import Compression
package import Linux

/// Why a step of a build didn't work.
package enum BuildError: Error, CustomStringConvertible {
    /// There is no build in the working directory.
    case notBegun
    /// There is one already.
    case begun
    /// Its beginning was cut short.
    case incomplete
    /// Another process works on it.
    case locked
    /// What is to be removed isn't there; scripts know this by exit code 2.
    case notFound(String)
    /// The format of the build has no place for it.
    case unsupported(String, in: ImageFormat)
    /// A value, file or image can't be used; the text says which and why.
    case invalid(String)
    /// The kernel refused a step.
    case system(String, Errno)
    /// The image couldn't be compressed or written.
    case output(String, CompressionError)
    /// A program that ran in the image ended so; its output said why.
    case program(exitCode: Int32)

    package var description: String {
        switch self {
        case .notBegun: "build not in progress in this working dir"
        case .begun: "build already in progress in this working dir"
        case .incomplete:
            "the build in this working dir was not begun completely (see acbuild end)"
        case .locked: "lock already held - is another acbuild running in this working dir?"
        case .notFound(let what): "\(what) to be removed does not exist in this image"
        case .unsupported(let what, let format):
            "\(what) is not supported in \(format.rawValue) builds"
        case .invalid(let reason): reason
        case .system(let step, let error): "cannot \(step): \(error)"
        case .output(let path, let error): "cannot write \"\(path)\": \(error)"
        case .program(let code): "non-zero exit code: \(code)"
        }
    }
}

/// The format of the image that is being built.
package enum ImageFormat: String, Sendable, CaseIterable {
    /// An App Container Image.
    case appc
    /// An OCI image.
    case oci
}

/// Runs one step; what the kernel refuses is reported with the step's name.
func step<Result: ~Copyable>(
    _ name: @autoclosure () -> String,
    _ body: () throws(Errno) -> Result
) throws(BuildError) -> Result {
    do throws(Errno) { return try body() } catch { throw .system(name(), error) }
}
