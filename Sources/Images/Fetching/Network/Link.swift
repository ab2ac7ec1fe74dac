internal import Distribution
internal import JSON
internal import Linux
internal import OCI

/// The connection between the half that downloads and the half that unpacks: lines of JSON, and two documents.
///
/// Each half reads what the other may have been made to say by an attacker: lines and documents have limits, and numbers are
/// looked up, not trusted.
final class Link {
    private static let lineLimit = 4096
    private let socket: Descriptor
    private var received: [UInt8] = []

    init(_ socket: consuming Descriptor) { self.socket = socket }

    /// Sends a line.
    func send(_ members: [JSON.Member]) throws(Errno) {
        try socket.write(JSON.object(members).encodedBytes() + [0x0A])
    }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) throws(Errno) { try socket.write(bytes) }

    /// The next line; nil at the end, and for anything that isn't one.
    func line() -> JSON? {
        while true {
            if let end = received.firstIndex(of: 0x0A) {
                let line = Array(received[..<end])
                received.removeSubrange(...end)
                return try? JSON.parse(line, limit: Self.lineLimit)
            }
            guard received.count <= Self.lineLimit, receive() else { return nil }
        }
    }

    /// The next bytes; nil if there aren't so many.
    func bytes(_ count: Int) -> [UInt8]? {
        while received.count < count { guard receive() else { return nil } }
        let result = Array(received.prefix(count))
        received.removeFirst(count)
        return result
    }

    private func receive() -> Bool {
        guard let bytes = try? socket.read(upTo: 64 << 10), !bytes.isEmpty else { return false }
        received += bytes
        return true
    }
}

/// What the half that downloads has found, as it hands it over.
struct FoundImage {
    let manifest: ContentDescriptor
    let manifestBytes: [UInt8]
    let configurationBytes: [UInt8]
}

extension Link {
    /// Hands over the documents of an image.
    func send(_ image: FoundImage) throws(Errno) {
        try send([
            .init("type", .string(image.manifest.mediaType.text)),
            .init("digest", .string(image.manifest.digest.description)),
            .init("manifest", .integer(Int64(image.manifestBytes.count))),
            .init("configuration", .integer(Int64(image.configurationBytes.count))),
        ])
        try send(image.manifestBytes)
        try send(image.configurationBytes)
    }

    /// Takes over the documents of an image; nil if the other half has none.
    func foundImage() -> FoundImage? {
        let limit = Int64(Limits.document)
        guard let line = line(), let type = line["type"]?.string,
            let digest = line["digest"]?.string.flatMap({ try? Digest($0) }),
            let manifest = line["manifest"]?.integer, 0...limit ~= manifest,
            let configuration = line["configuration"]?.integer, 0...limit ~= configuration,
            let manifestBytes = bytes(Int(manifest)),
            let configurationBytes = bytes(Int(configuration))
        else { return nil }
        return FoundImage(
            manifest: ContentDescriptor(
                mediaType: MediaType(type),
                digest: digest,
                size: Int64(manifestBytes.count)
            ),
            manifestBytes: manifestBytes,
            configurationBytes: configurationBytes
        )
    }
}

extension Link {
    /// Hands over what the tag names and the signatures of the image.
    func send(_ root: [UInt8], _ signatures: [RegistrySignature]) throws(Errno) {
        try send([
            .init("root", .integer(Int64(root.count))),
            .init("signatures", .integer(Int64(signatures.count))),
        ])
        try send(root)
        for signature in signatures { try send(signature) }
    }

    private func send(_ signature: RegistrySignature) throws(Errno) {
        switch signature {
        case .payload(let payload, let text):
            try send([
                .init("signature", .string(text)), .init("payload", .integer(Int64(payload.count))),
            ])
            try send(payload)
        case .bundle(let bundle):
            try send([.init("bundle", .integer(Int64(bundle.count)))])
            try send(bundle)
        }
    }

    /// Takes over what the tag names and the signatures of the image; nil if the other half has none.
    func signatures() -> (root: [UInt8], [RegistrySignature])? {
        guard let head = line(), let count = head["signatures"]?.integer,
            0...Int64(RegistrySignature.most) ~= count,
            let length = head["root"]?.integer, 0...Int64(Limits.document) ~= length,
            let root = bytes(Int(length))
        else { return nil }
        var signatures: [RegistrySignature] = []
        for _ in 0..<count {
            guard let signature = signature() else { return nil }
            signatures.append(signature)
        }
        return (root, signatures)
    }

    private func signature() -> RegistrySignature? {
        guard let line = line() else { return nil }
        if let bundle = document(line["bundle"], limit: RegistrySignature.bundleLimit) {
            return .bundle(bundle)
        }
        guard let text = line["signature"]?.string,
            let payload = document(line["payload"], limit: RegistrySignature.payloadLimit)
        else { return nil }
        return .payload(payload, signature: text)
    }

    /// The document of a length that was announced.
    private func document(_ length: JSON?, limit: Int) -> [UInt8]? {
        guard let length = length?.integer, 0...Int64(limit) ~= length else { return nil }
        return bytes(Int(length))
    }
}
