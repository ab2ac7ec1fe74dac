internal import CCompression

/// A public key that verifies signatures: ECDSA from 256 bits, RSA from 2048 bits, or Ed25519.
@safe
package struct SigningKey: ~Copyable {
    private let key: OpaquePointer

    /// Reads a key (PEM, `PUBLIC KEY`); nil if it is of another kind or too short.
    package init?(pem: [UInt8]) {
        let key = unsafe pem.withUnsafeBufferPointer {
            unsafe compression_key_open($0.baseAddress, $0.count)
        }
        guard let key = unsafe key else { return nil }
        unsafe self.key = key
    }

    deinit { unsafe compression_key_close(key) }

    /// Whether a signature is this key's over the bytes.
    package func verifies(_ bytes: [UInt8], signature: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe signature.withUnsafeBufferPointer { signature in
                unsafe compression_key_verifies(
                    key,
                    bytes.baseAddress,
                    bytes.count,
                    signature.baseAddress,
                    signature.count
                ) == 1
            }
        }
    }
}
