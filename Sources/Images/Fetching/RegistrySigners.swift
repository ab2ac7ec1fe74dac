internal import AppContainer
internal import Base64
internal import Compression
internal import Configuration
internal import Distribution
internal import ImageStorage
internal import JSON
internal import Linux
internal import OCI
internal import References
internal import Trust

/// Whose signatures count for an image of a registry.
struct RegistrySigners: Sendable {
    private let keys: [SigningKeyFile]
    /// The repository that must have been signed.
    private let identity: String
    private let image: String

    /// Reads the keys that the policy names; to be called before the cage closes.
    ///
    /// - Returns: nil if the image needs no signature.
    static func prepare(
        for request: FetchRequest,
        _ trust: TrustPolicy
    ) throws(ImportError) -> RegistrySigners? {
        guard request.kind == .registry, !request.allowsUnsigned else { return nil }
        guard let reference = try? DockerReference(request.path),
            let rule = trust.rule(for: reference.name.text),
            case .signedBy(let signers) = rule.requirement
        else { throw .invalid("unsigned") }
        var keys: [SigningKeyFile] = []
        for path in signers.keys {
            let key = try trusting { () throws(TrustError) in try SigningKeyFile(path: path) }
            guard SigningKey(pem: key.pem) != nil else {
                throw .invalid(
                    "the policy's key \(quoted(path)) is none: wanted is a public key (PEM) of ECDSA, Ed25519, or RSA "
                        + "of 2048 bits"
                )
            }
            keys.append(key)
        }
        let repository = "\(reference.registry)/\(reference.repository)"
        let identity = signers.signedAs.map {
            // Both are written alike, whatever the host is.
            $0 + reference.name.text.dropFirst(rule.prefix.utf8.count)
        }
        return RegistrySigners(
            keys: keys,
            identity: identity ?? repository,
            image: reference.description
        )
    }

    /// Checks the signatures of a manifest, or of the index that lists it.
    func verify(
        _ manifest: Digest,
        _ bytes: [UInt8],
        root: [UInt8],
        _ signatures: [RegistrySignature]
    ) throws(ImportError) -> VerifiedManifest {
        var signed = [SignedDocument(digest: manifest, bytes: bytes)]
        let digest = try Fetching.digest(of: root, .sha256)
        if let index = try? Index(parsing: root),
            index.manifests.contains(where: { $0.digest == manifest })
        {
            signed.append(SignedDocument(digest: digest, bytes: root))
        }
        return try trusting { () throws(TrustError) in
            try VerifiedManifest(
                digest: manifest.description,
                image: image,
                candidates: signatures
            ) { signature in
                Result { () throws(SignatureRefusal) in try check(signature, over: signed) }
            }
        }
    }
}

/// What a signature of an image may be of.
private struct SignedDocument {
    let digest: Digest
    let bytes: [UInt8]
}

// MARK: - One signature

extension RegistrySigners {
    /// The key that has made a signature over one of several documents.
    private func check(
        _ signature: RegistrySignature,
        over documents: [SignedDocument]
    ) throws(SignatureRefusal) -> SigningKeyFile {
        switch signature {
        case .payload(let payload, let text):
            let key = try signer(of: payload, Base64.decode(text.utf8) ?? [])
            try require(SignedClaim(simple: payload), documents)
            return key
        case .bundle(let bytes):
            let bundle = try SigstoreBundle(parsing: bytes)
            switch bundle.content {
            case .envelope(let type, let payload):
                let message = SigstoreBundle.encoding(ofType: type, payload)
                let key = try signer(of: message, bundle.signature)
                guard type == SignedClaim.statementPayloadType else {
                    throw SignatureRefusal("what was signed says nothing of an image")
                }
                try require(SignedClaim(statement: payload), documents)
                return key
            case .message(let sum):
                let hex = hexadecimal(sum)
                guard let document = documents.first(where: { $0.digest.hex == hex }) else {
                    throw SignatureRefusal(
                        "it is the signature of something else, sha256:\(hex.prefix(64))"
                    )
                }
                return try signer(of: document.bytes, bundle.signature)
            }
        }
    }

    /// Only what a trusted key has signed is read.
    private func signer(
        of message: [UInt8],
        _ signature: [UInt8]
    ) throws(SignatureRefusal) -> SigningKeyFile {
        let signer = keys.first { key in
            SigningKey(pem: key.pem)?.verifies(message, signature: signature) ?? false
        }
        guard let signer else { throw SignatureRefusal("none of the policy's keys has made it") }
        return signer
    }

    /// What was signed must be of this image, and where it names a repository, of this one.
    private func require(
        _ claim: SignedClaim,
        _ documents: [SignedDocument]
    ) throws(SignatureRefusal) {
        let digests = documents.map(\.digest.description)
        let own = claim.subjects.filter { digests.contains($0.digest) }
        guard !own.isEmpty else {
            throw SignatureRefusal(
                "it is the signature of another image, \(claim.subjects.first?.digest.prefix(80) ?? "")"
            )
        }
        guard !own.contains(where: { $0.name.map(isIdentity) ?? true }) else { return }
        throw SignatureRefusal(
            "it was signed as \(quoted(own[0].name ?? "")), not \(quoted(identity))"
        )
    }

    private func isIdentity(_ name: String) -> Bool {
        guard let reference = try? DockerReference(name) else { return false }
        return "\(reference.registry)/\(reference.repository)" == identity
    }
}
