package import Archives
package import Compression
package import Linux
package import OCI

/// Why an image couldn't be unpacked.
package enum UnpackError: Error {
    /// The file is no archive of a kind we know.
    case notAnArchive
    /// The file has another length than its descriptor says.
    case size(expected: UInt64, actual: UInt64)
    /// The file isn't the one that its digest names.
    case digest(expected: Digest, actual: Digest)
    /// The file unpacks to another archive than the image's configuration names.
    case diffID(expected: Digest, actual: Digest)
    /// The compressed data is damaged.
    case compression(CompressionError)
    /// The tar archive is damaged or too large.
    case archive(TarError)
    /// An entry isn't allowed in an image; the path is printable.
    case refused(path: String, why: String)
    /// The archive lacks what every ACI has.
    case missing(String)
    /// The files need more than the free space of the disk, less its reserve.
    case full(room: UInt64)
    /// The file couldn't be read.
    case read(Errno)
    /// An entry couldn't be written; the path is printable.
    case write(path: String, Errno)
}

extension UnpackError: CustomStringConvertible {
    /// One sentence for the user.
    package var description: String {
        switch self {
        case .notAnArchive: "not a tar archive, plain or compressed by gzip, bzip2, xz or zstd"
        case .size(let expected, let actual): "has \(actual) bytes instead of \(expected)"
        case .digest(let expected, let actual): "has the digest \(actual) instead of \(expected)"
        case .diffID(let expected, let actual):
            "unpacks to \(actual) instead of the image's diff id \(expected)"
        case .compression(let error): error.description
        case .archive(let error): error.description
        case .refused(let path, let why): "entry \"\(path)\" refused: \(why)"
        case .missing(let what): "not an ACI: \(what) is missing"
        case .full(let room): "no space left on the disk: its files need more than \(room) bytes"
        case .read(let error): "can't read the archive: \(error)"
        case .write(let path, .noSpace): "can't unpack \"\(path)\": no space left"
        case .write(let path, .invalidArgument):
            "can't unpack \"\(path)\": invalid argument (is its owner in the user namespace's map?)"
        case .write(let path, let error): "can't unpack \"\(path)\": \(error)"
        }
    }
}
