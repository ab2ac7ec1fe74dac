/// A signature that let an image in: by which key, and as what.
package struct ImageSignature: Sendable, Hashable {
    /// Whose signature it is.
    package enum Key: Sendable, Hashable {
        /// An OpenPGP key, which vouches for the names that it is trusted for.
        case openPGP(Signer)
        /// A public key of a policy: its file then, and its fingerprint (``SigningKeyFile/fingerprint``); nil if that wasn't
        /// noted.
        case policy(file: String, fingerprint: String?)
    }

    /// The key that has made it.
    package let key: Key
    /// The image's name, without labels, that the signature was accepted for; nil if that wasn't noted.
    package let name: String?

    /// Notes a signature that was checked.
    package init(by key: Key, as name: String?) { (self.key, self.name) = (key, name) }
}

extension ImageSignature.Key: CustomStringConvertible {
    package var description: String {
        switch self {
        case .openPGP(let signer): signer.description
        case .policy(let file, let fingerprint?): "\(fingerprint) (\(file))"
        case .policy(let file, nil): file
        }
    }
}
