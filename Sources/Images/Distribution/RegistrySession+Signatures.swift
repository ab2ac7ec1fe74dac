internal import JSON
internal import OCI
internal import Transfers

/// A signature of an image as a registry has it; nothing of it is checked.
package struct RegistrySignature: Sendable, Equatable {
    /// What was signed, byte for byte.
    package let payload: [UInt8]
    /// The signature, in base64.
    package let signature: String

    /// Joins them.
    package init(payload: [UInt8], signature: String) {
        (self.payload, self.signature) = (payload, signature)
    }

    /// The longest payload.
    package static let payloadLimit = 64 << 10
    /// The longest signature, in characters.
    package static let signatureLimit = 2048
    /// How many an image may have.
    package static let most = 32
}

extension RegistrySession {
    private static let payloadType = "application/vnd.dev.cosign.simplesigning.v1+json"
    private static let annotation = "dev.cosignproject.cosign/signature"

    /// The signatures of an image, of its manifest or of the index around it: under the tag that is made of the digest, and
    /// among what refers to it.
    package func signatures(
        of image: ResolvedImage
    ) throws(DistributionError) -> [RegistrySignature] {
        var seen: Set<Digest> = []
        var found: [RegistrySignature] = []
        for digest in [image.root, image.descriptor.digest] where seen.insert(digest).inserted {
            let name = "\(digest.algorithm.rawValue)-\(digest.hex)"
            var manifests = ["manifests/\(name).sig"]
            var referrers = try object("referrers/\(digest)")
            if referrers == nil { referrers = try object("manifests/\(name)") }
            for entry in referrers?["manifests"]?.array ?? [] {
                guard let digest = entry["digest"]?.string.flatMap({ try? Digest($0) }) else {
                    continue
                }
                manifests.append("manifests/\(digest)")
            }
            for path in manifests.prefix(RegistrySignature.most)
            where found.count < RegistrySignature.most {
                guard let manifest = try object(path) else { continue }
                for layer in manifest["layers"]?.array ?? []
                where found.count < RegistrySignature.most {
                    if let signature = try signature(layer) { found.append(signature) }
                }
            }
        }
        return found
    }

    private func signature(_ layer: JSON) throws(DistributionError) -> RegistrySignature? {
        guard layer["mediaType"]?.string == Self.payloadType,
            let signature = layer["annotations"]?[Self.annotation]?.string,
            signature.utf8.count <= RegistrySignature.signatureLimit,
            let digest = layer["digest"]?.string.flatMap({ try? Digest($0) }),
            let payload = try bytes("blobs/\(digest)", limit: RegistrySignature.payloadLimit)
        else { return nil }
        return RegistrySignature(payload: payload, signature: signature)
    }

    private func object(_ path: String) throws(DistributionError) -> JSON? {
        try bytes(path, limit: Limits.document).flatMap { try? JSON.parse($0) }
    }

    /// What is at a path; nil if nothing is.
    private func bytes(_ path: String, limit: Int) throws(DistributionError) -> [UInt8]? {
        var request = HTTPRequest(.get, try endpoint.url(path), headers: Self.accepted)
        request.expectedStatuses = [404, 400, 405]
        do throws(DistributionError) {
            let answer = try answer(to: request, limit: limit)
            return answer.response.succeeded ? answer.bytes : nil
        } catch {
            switch error {
            // Registries without the interface for referrers refuse it in different ways.
            case .missing, .denied: return nil
            default: throw error
            }
        }
    }
}
