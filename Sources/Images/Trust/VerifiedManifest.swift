/// The manifest of an image that somebody trusted has signed: only a check of the signature makes one.
package struct VerifiedManifest: Sendable {
    /// The manifest's digest, `sha256:HEX`.
    package let digest: String
    /// The key that has signed it.
    package let key: ImageSignature.Key

    /// Takes the first of several signatures that is good.
    ///
    /// - Parameters:
    ///   - digest: the manifest's, as it was computed here.
    ///   - candidates: what each signature needs checked.
    ///   - check: the key that has made a signature over that manifest, or why it isn't good.
    package init<Candidate>(
        digest: String,
        image: String,
        candidates: [Candidate],
        check: (Candidate) -> Result<SigningKeyFile, SignatureRefusal>
    ) throws(TrustError) {
        var reasons: [String] = []
        for candidate in candidates {
            switch check(candidate) {
            case .success(let key):
                self.digest = digest
                self.key = .policy(file: key.path, fingerprint: key.fingerprint)
                return
            case .failure(let refusal):
                if !reasons.contains(refusal.reason) { reasons.append(refusal.reason) }
            }
        }
        throw .unsignedThere(image: image, reasons: reasons)
    }
}

/// Why a signature isn't good, for a person.
package struct SignatureRefusal: Error, Sendable {
    package let reason: String

    /// A reason, in lower case.
    package init(_ reason: String) { self.reason = reason }
}
