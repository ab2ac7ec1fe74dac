package import AppContainer
internal import OpenPGP

/// An archive that carries at least one good signature by a key of the keystore; only ``SignatureChecker`` makes one.
///
/// Whether that key is trusted for the image can only be said when its name is known.
package struct VerifiedArchive: Sendable {
    /// The digest that the bytes had which the signatures were checked over.
    package let digest: String
    private let signers: [Signer]
    private let keys: [TrustedKey]

    init(digest: String, verdicts: [SignatureVerdict], keys: [TrustedKey]) throws(TrustError) {
        signers = verdicts.compactMap { verdict in
            // A file may hold other keys than the one it is named by.
            guard case .good(let signer) = verdict, !keys.scopes(of: signer.key).isEmpty else {
                return nil
            }
            return signer
        }
        guard !signers.isEmpty else {
            throw .refused(
                verdicts.map { verdict in
                    guard case .good(let signer) = verdict else { return verdict }
                    return .unknownKey(signer.key.digits)
                }
            )
        }
        self.digest = digest
        self.keys = keys
    }

    /// The signer who may vouch for an image of this name.
    package func signer(for name: ACIdentifier) throws(TrustError) -> Signer {
        for signer in signers
        where keys.scopes(of: signer.key).contains(where: { $0.covers(name) }) {
            return signer
        }
        throw .outOfScope(signers[0], image: name, scopes: keys.scopes(of: signers[0].key))
    }
}
