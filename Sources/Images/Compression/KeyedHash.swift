internal import CCompression

/// The keyed hash HMAC-SHA256 of a message (FIPS 198-1).
package func hmacSHA256(key: [UInt8], _ message: [UInt8]) throws(CompressionError) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: HashAlgorithm.sha256.length)
    let status = unsafe compression_hmac_sha256(
        key,
        key.count,
        message,
        message.count,
        &code
    )
    guard status == 0 else { throw .exhausted("a keyed hash from libcrypto") }
    return code
}
