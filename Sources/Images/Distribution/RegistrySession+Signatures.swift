internal import JSON
internal import OCI
internal import Transfers

extension RegistrySession {
    private static let payloadType = "application/vnd.dev.cosign.simplesigning.v1+json"
    private static let signatureAnnotation = "dev.cosignproject.cosign/signature"
    private static let predicateAnnotation = "dev.sigstore.bundle.predicateType"

    /// The signatures of an image, of its manifest or of the index around it: under the tag that is made of the digest, and
    /// among what refers to it.
    package func signatures(
        of image: ResolvedImage
    ) throws(DistributionError) -> [RegistrySignature] {
        let found = try signatures(of: image.root)
        if image.root == image.descriptor.digest { return found }
        return try found + signatures(of: image.descriptor.digest)
    }

    private func signatures(of digest: Digest) throws(DistributionError) -> [RegistrySignature] {
        let tag = "\(digest.algorithm.rawValue)-\(digest.hex)"
        let referrers = try referrers(of: digest, tag).map { "manifests/\($0)" }
        var found: [RegistrySignature] = []
        for path in (["manifests/\(tag).sig"] + referrers).prefix(RegistrySignature.mostOfOne) {
            for layer in try object(path)?["layers"]?.array ?? [] {
                guard found.count < RegistrySignature.mostOfOne else { return found }
                if let signature = try signature(layer) { found.append(signature) }
            }
        }
        return found
    }

    /// What refers to a digest, what says that it signs it first: that needn't be true, but an image's many attestations
    /// don't keep its signature from being seen.
    private func referrers(
        of digest: Digest,
        _ tag: String
    ) throws(DistributionError) -> [Digest] {
        var entries = try object("referrers/\(digest)")?["manifests"]?.array ?? []
        if entries.isEmpty { entries = try object("manifests/\(tag)")?["manifests"]?.array ?? [] }
        return [0, 1, 2].flatMap { rank in entries.filter { Self.rank($0) == rank } }
            .compactMap { $0["digest"]?.string.flatMap { try? Digest($0) } }
    }

    private static func rank(_ entry: JSON) -> Int {
        switch entry["annotations"]?[predicateAnnotation]?.string {
        case RegistrySignature.predicateType: 0
        case nil: 1
        default: 2
        }
    }

    private func signature(_ layer: JSON) throws(DistributionError) -> RegistrySignature? {
        let type = layer["mediaType"]?.string
        guard let digest = layer["digest"]?.string.flatMap({ try? Digest($0) }),
            let size = layer["size"]?.integer
        else { return nil }
        if RegistrySignature.isBundle(type), size <= Int64(RegistrySignature.bundleLimit) {
            return try bytes("blobs/\(digest)", limit: RegistrySignature.bundleLimit)
                .map(RegistrySignature.bundle)
        }
        guard type == Self.payloadType, size <= Int64(RegistrySignature.payloadLimit),
            let signature = layer["annotations"]?[Self.signatureAnnotation]?.string,
            signature.utf8.count <= RegistrySignature.signatureLimit
        else { return nil }
        return try bytes("blobs/\(digest)", limit: RegistrySignature.payloadLimit)
            .map { .payload($0, signature: signature) }
    }

    private func object(_ path: String) throws(DistributionError) -> JSON? {
        try bytes(path, limit: Limits.document).flatMap { try? JSON.parse($0) }
    }

    /// What is at a path; nil if nothing is, or more than a signature has.
    private func bytes(_ path: String, limit: Int) throws(DistributionError) -> [UInt8]? {
        var request = HTTPRequest(.get, try endpoint.url(path), headers: Self.accepted)
        request.expectedStatuses = [404, 400, 405]
        do throws(DistributionError) {
            let answer = try answer(to: request, limit: limit)
            return answer.response.succeeded ? answer.bytes : nil
        } catch {
            switch error {
            // Registries without the interface for referrers refuse it in different ways.
            case .missing, .denied, .transfer(.tooLarge): return nil
            default: throw error
            }
        }
    }
}
