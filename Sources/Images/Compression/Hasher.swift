internal import CCompression

/// A hash function that image formats name.
package enum HashAlgorithm: String, Sendable, CaseIterable {
    /// SHA-256, what OCI uses.
    case sha256
    /// SHA-512, what appc uses.
    case sha512

    /// The length of a digest in bytes.
    package var length: Int { self == .sha256 ? 32 : 64 }
}

/// Hashes bytes that arrive in pieces.
@safe
package struct Hasher: ~Copyable {
    private let algorithm: HashAlgorithm
    private let hash: OpaquePointer

    /// A hash of nothing so far.
    package init(_ algorithm: HashAlgorithm) throws(CompressionError) {
        guard let hash = unsafe compression_hash_open(algorithm == .sha512 ? 512 : 256) else {
            throw .exhausted("the hash function \(algorithm.rawValue) of libcrypto")
        }
        self.algorithm = algorithm
        unsafe self.hash = hash
    }

    deinit { unsafe compression_hash_close(hash) }

    /// Adds bytes.
    package mutating func update(_ bytes: Span<UInt8>) throws(CompressionError) {
        let status = unsafe bytes.withUnsafeBufferPointer {
            unsafe compression_hash_update(hash, $0.baseAddress, $0.count)
        }
        guard status == 0 else { throw .exhausted("a digest from libcrypto") }
    }

    /// The digest of everything added.
    package consuming func finish() throws(CompressionError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: algorithm.length)
        guard unsafe compression_hash_finish(hash, &digest) == 0 else {
            throw .exhausted("a digest from libcrypto")
        }
        return digest
    }
}

/// Bytes as lower-case hexadecimal digits.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
        as: UTF8.self
    )
}
