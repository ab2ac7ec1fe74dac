/// A signature of an image as a registry has it; nothing of it is checked.
package enum RegistrySignature: Sendable, Equatable {
    /// What was signed, byte for byte, and its signature in base64.
    case payload([UInt8], signature: String)
    /// A bundle of sigstore (JSON), which holds both, as it is.
    case bundle([UInt8])

    /// The longest payload.
    package static let payloadLimit = 64 << 10
    /// The longest signature, in characters.
    package static let signatureLimit = 2048
    /// The longest bundle: entries of transparency logs and certificates come along.
    package static let bundleLimit = 256 << 10
    /// How many of one digest are looked at: an image may have two, its own and that of the index around it.
    package static let mostOfOne = 32
    /// How many an image may have.
    package static let most = 2 * mostOfOne

    /// The predicate type of what cosign signs to sign an image; that of an attestation is another one.
    package static let predicateType = "https://sigstore.dev/cosign/sign/v1"

    /// Whether a media type is a bundle's, of whatever version.
    package static func isBundle(_ mediaType: String?) -> Bool {
        mediaType?.hasPrefix("application/vnd.dev.sigstore.bundle") ?? false
    }
}
