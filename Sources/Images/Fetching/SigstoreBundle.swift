internal import Base64
internal import Distribution
internal import JSON
internal import Trust

/// A bundle of sigstore, version 0.3: what was signed and the signature (sigstore/protobuf-specs, `sigstore_bundle.proto`).
///
/// Certificates, entries of logs and hints at keys in it aren't read: they say nothing to whoever has the key.
struct SigstoreBundle {
    /// What was signed.
    enum Content {
        /// A message that travels along, of a type.
        case envelope(type: String, payload: [UInt8])
        /// Something that has this SHA-256 sum.
        case message(sum: [UInt8])
    }

    private static let mediaTypes = [
        "application/vnd.dev.sigstore.bundle.v0.3+json",
        "application/vnd.dev.sigstore.bundle+json;version=0.3",
    ]

    let content: Content
    let signature: [UInt8]

    /// Reads a bundle; nothing of it is believed.
    init(parsing bytes: [UInt8]) throws(SignatureRefusal) {
        guard let json = try? JSON.parse(bytes, limit: RegistrySignature.bundleLimit),
            Self.mediaTypes.contains(json["mediaType"]?.string ?? "")
        else { throw SignatureRefusal("it is in no bundle of version 0.3") }
        switch (json["dsseEnvelope"], json["messageSignature"]) {
        case (let envelope?, nil):
            // A bundle's envelope has one signature (there).
            guard let signatures = envelope["signatures"]?.array, signatures.count == 1,
                let type = envelope["payloadType"]?.string,
                let payload = Self.bytes(envelope["payload"]),
                let signature = Self.bytes(signatures[0]["sig"])
            else { throw SignatureRefusal("its bundle has no envelope with one signature") }
            content = .envelope(type: type, payload: payload)
            self.signature = signature
        case (nil, let message?):
            guard message["messageDigest"]?["algorithm"]?.string == "SHA2_256" else {
                throw SignatureRefusal("it is over another sum than SHA-256")
            }
            guard let sum = Self.bytes(message["messageDigest"]?["digest"]),
                let signature = Self.bytes(message["signature"])
            else { throw SignatureRefusal("its bundle has no signature") }
            content = .message(sum: sum)
            self.signature = signature
        default: throw SignatureRefusal("its bundle has no signature, or two")
        }
    }

    private static func bytes(_ text: JSON?) -> [UInt8]? {
        (text?.string).flatMap { Base64.decode($0.utf8) }
    }

    /// The bytes that the signature over an envelope is over: its pre-authentication encoding (DSSE protocol 1.0.2).
    static func encoding(ofType type: String, _ payload: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
    }
}
