/// Why bytes aren't the OpenPGP keys or signatures they should be.
package enum OpenPGPError: Error, Equatable, CustomStringConvertible {
    /// More bytes than such a thing ever has.
    case tooLarge(limit: Int)
    /// The text around the packets is damaged.
    case armor(String)
    /// A packet is cut off or encoded in a way that keys and signatures aren't.
    case packet
    /// Something else than signatures stands in a signature file.
    case notASignature
    /// A signature that isn't over a file as it is.
    case signatureType(UInt8)
    /// More signatures than anybody makes.
    case tooManySignatures(limit: Int)
    /// Something else than public keys stands in a key file.
    case notAPublicKey
    /// A key that must never lie around.
    case secretKey
    /// No key of the file is strong enough.
    case weak(bits: Int)

    package var description: String {
        switch self {
        case .tooLarge(let limit): "it is larger than \(limit) bytes"
        case .armor(let reason): "its armor is damaged: \(reason)"
        case .packet: "it is cut off or not OpenPGP"
        case .notASignature: "it is not a detached signature"
        case .signatureType(let type): "it is a signature of type \(type), not one over a file"
        case .tooManySignatures(let limit): "it has more than \(limit) signatures"
        case .notAPublicKey: "it is not a public key"
        case .secretKey: "it holds a secret key: export the public one (gpg --export)"
        case .weak(let bits): "its key has \(bits) bits; 2048 are the least"
        }
    }
}
