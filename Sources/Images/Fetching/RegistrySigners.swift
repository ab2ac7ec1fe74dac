internal import AppContainer
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
    private static let keyLimit = 64 << 10
    private let keys: [(file: String, pem: [UInt8])]
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
        var keys: [(file: String, pem: [UInt8])] = []
        for file in signers.keys {
            let pem = try step("read the key \(quoted(file))") { () throws(Errno) in
                try Descriptor.open(file, .nonBlocking).readToEnd(limit: keyLimit)
            }
            guard SigningKey(pem: pem) != nil else {
                throw .invalid(
                    "the policy's key \(quoted(file)) is none: wanted is a public key (PEM) of ECDSA, Ed25519, or RSA "
                        + "of 2048 bits"
                )
            }
            keys.append((file, pem))
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
        root: [UInt8],
        _ signatures: [RegistrySignature]
    ) throws(ImportError) -> VerifiedManifest {
        var signed = [manifest.description]
        let digest = try Fetching.digest(of: root, .sha256)
        if let index = try? Index(parsing: root),
            index.manifests.contains(where: { $0.digest == manifest })
        {
            signed.append(digest.description)
        }
        return try trusting { () throws(TrustError) in
            try VerifiedManifest(
                digest: manifest.description,
                image: image,
                candidates: signatures
            ) { check($0, digests: signed) }
        }
    }

    private func check(
        _ signature: RegistrySignature,
        digests: [String]
    ) -> Result<String, SignatureRefusal> {
        let signer = keys.first { file, pem in
            SigningKey(pem: pem)?.verifies(signature.payload, signature: signature.signature)
                ?? false
        }
        guard let signer else {
            return .failure(SignatureRefusal("none of the policy's keys has made it"))
        }
        // Only what a trusted key has signed is read.
        guard let critical = (try? JSON.parse(signature.payload))?["critical"],
            critical["type"]?.string == "cosign container image signature",
            let digest = critical["image"]?["docker-manifest-digest"]?.string
        else { return .failure(SignatureRefusal("what was signed says nothing of an image")) }
        guard digests.contains(digest) else {
            return .failure(SignatureRefusal("it is the signature of another image, \(digest)"))
        }
        let name = critical["identity"]?["docker-reference"]?.string ?? ""
        let reference = try? DockerReference(name)
        guard
            name.isEmpty
                || reference.map({ "\($0.registry)/\($0.repository)" == identity }) ?? false
        else {
            return .failure(
                SignatureRefusal("it was signed as \(quoted(name)), not \(quoted(identity))")
            )
        }
        return .success(signer.file)
    }
}
