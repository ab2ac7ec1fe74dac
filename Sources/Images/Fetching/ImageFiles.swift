internal import Compression
internal import Linux
internal import OCI

/// The files of an OCI or Docker image, wherever they lie.
protocol ImageFiles {
    /// Where the content of a file lies.
    func source(_ path: String) throws(ImportError) -> FileContent
}

/// A stretch of an open file.
final class FileContent {
    let file: Descriptor
    let offset: UInt64
    let length: UInt64

    init(_ file: consuming Descriptor, offset: UInt64, length: UInt64) {
        self.file = file
        self.offset = offset
        self.length = length
    }
}

extension ImageFiles {
    /// The bytes of a document.
    func document(_ path: String, limit: Int = 4 << 20) throws(ImportError) -> [UInt8] {
        let content = try source(path)
        guard content.length <= UInt64(limit), let start = Int64(exactly: content.offset) else {
            throw .mismatch(path, reason: "is larger than \(limit) bytes")
        }
        let bytes = try step("read \"\(path)\"") { () throws(Errno) in
            try content.file.read(at: start, count: Int(content.length))
        }
        guard bytes.count == Int(content.length) else {
            throw .mismatch(path, reason: "is cut off")
        }
        return bytes
    }

    /// The bytes of the document that a descriptor refers to: that long, and with that digest.
    func document(_ descriptor: ContentDescriptor) throws(ImportError) -> [UInt8] {
        let path = descriptor.digest.layoutPath
        let bytes = try document(path)
        guard Int64(bytes.count) == descriptor.size else {
            throw .mismatch(path, reason: "has \(bytes.count) bytes instead of \(descriptor.size)")
        }
        guard try digest(of: bytes, descriptor.digest.algorithm) == descriptor.digest else {
            throw .mismatch(path, reason: "hasn't the digest that names it")
        }
        return bytes
    }
}

/// The digest of bytes in memory.
func digest(of bytes: [UInt8], _ algorithm: Digest.Algorithm) throws(ImportError) -> Digest {
    do throws(CompressionError) {
        var hasher = try Hasher(algorithm == .sha256 ? .sha256 : .sha512)
        try hasher.update(bytes.span)
        if let digest = Digest(algorithm, sum: try hasher.finish()) { return digest }
    } catch { throw .invalid(error.description) }
    throw .invalid("cannot compute a digest")
}
