internal import AppContainer
internal import Configuration

/// How an image of the store was let in.
package struct Admission: Sendable, Hashable {
    /// Its names, without labels.
    package let names: [String]
    /// Who or what vouched for it; nil if that isn't known.
    package let warrant: Warrant?
    /// All signatures of it that were checked.
    package let signatures: [ImageSignature]

    /// Describes an image of the store.
    package init(names: [String], warrant: Warrant?, signatures: [ImageSignature]) {
        (self.names, self.warrant, self.signatures) = (names, warrant, signatures)
    }

    /// The names that rules are looked for: an image without any is held to the rule for all.
    fileprivate func names(and asked: String?) -> [String] {
        let more = asked.flatMap { names.contains($0) ? nil : [$0] } ?? []
        return names.isEmpty && more.isEmpty ? [""] : names + more
    }
}

extension TrustPolicy {
    /// Refuses an image of the store that breaks the rule for one of its names, as the rules and the keys are now.
    ///
    /// - Parameter asked: the name, without labels, that it was asked for by; nil if by what it is.
    package func admit(
        _ image: Admission,
        as asked: String? = nil,
        by keystore: Keystore
    ) throws(TrustError) {
        for name in image.names(and: asked) {
            guard let rule = rule(for: name), rule.requirement == .reject else { continue }
            throw .rejected(name: name, prefix: rule.prefix)
        }
        if let refusal = try missingSignature(of: image, as: asked, by: keystore) { throw refusal }
    }

    /// What an image of the store lacks that the rules for its names ask for; nil if nothing.
    ///
    /// For the name that it was asked for by somebody must have signed it under that name. Its other names are held to their
    /// rules too, but there it is enough that a signature under some name stands: a name given here is nobody's claim.
    package func missingSignature(
        of image: Admission,
        as asked: String? = nil,
        by keystore: Keystore
    ) throws(TrustError) -> TrustError? {
        for name in image.names(and: asked) {
            guard !isWaived, let rule = rule(for: name), case .signedBy = rule.requirement else {
                continue
            }
            guard case .signed = image.warrant else {
                return .unsigned(name: name, prefix: rule.prefix)
            }
            var stands = false
            for signature in image.signatures where !stands {
                stands = try self.stands(signature, for: name, by: keystore)
                if !stands, name != asked, let own = signature.name, own != name {
                    stands = try self.stands(signature, for: own, by: keystore)
                }
            }
            if !stands {
                return .otherKey(
                    name: name,
                    prefix: rule.prefix,
                    signers: image.signatures.map(\.key.description)
                )
            }
        }
        return nil
    }

    /// Whether the key of a signature is one that may sign images of a name now.
    private func stands(
        _ signature: ImageSignature,
        for name: String,
        by keystore: Keystore
    ) throws(TrustError) -> Bool {
        switch signature.key {
        case .openPGP(let signer):
            guard let name = try? ACIdentifier(name),
                case .signedBy = rule(for: name.text)?.requirement
            else { return false }
            return try keystore.keys().scopes(of: signer.key).contains { $0.covers(name) }
        case .policy(_, let fingerprint):
            guard let fingerprint, signature.name == name, let signers = signers(of: name) else {
                return false
            }
            for key in signers.keys
            where try SigningKeyFile(path: key).fingerprint == fingerprint { return true }
            return false
        }
    }
}
