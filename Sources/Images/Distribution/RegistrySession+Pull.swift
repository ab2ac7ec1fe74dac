internal import Compression
package import OCI
package import Transfers

/// An image as a registry describes it: documents checked, layers still there.
package struct ResolvedImage: Sendable {
    /// The manifest's type, digest and length.
    package let descriptor: ContentDescriptor
    /// The manifest, byte for byte.
    package let manifestBytes: [UInt8]
    /// The manifest.
    package let manifest: Manifest
    /// The digest of what the tag names: of the manifest, or of an index around it.
    package let root: Digest
    /// What the tag names, byte for byte.
    package let rootBytes: [UInt8]
}

extension RegistrySession {
    /// What `resolve` finds.
    package enum Resolution: Sendable {
        /// The tag still names what has this digest.
        case unchanged
        case image(ResolvedImage)
    }

    static let accepted: HTTPHeaders = [
        "Accept": [
            MediaType.manifest, .dockerManifest, .index, .dockerManifestList,
        ].map(\.text).joined(separator: ", ")
    ]

    /// Finds the image that a tag or digest names, through indexes for several platforms.
    ///
    /// - Parameters:
    ///   - known: the digest that the reference had before: if it still has it, one request is all.
    ///   - attempts: how often the registry is asked at most, if somebody else may be asked instead.
    package func resolve(
        _ reference: String,
        for platform: Platform,
        known: Digest? = nil,
        attempts: Int? = nil
    ) throws(DistributionError) -> Resolution {
        let wanted = try? Digest(reference)
        guard var found = try document(reference, digest: wanted, known: known, attempts) else {
            return .unchanged
        }
        let (root, rootBytes) = (found.descriptor.digest, found.bytes)
        if root == known { return .unchanged }
        for _ in 0..<Limits.nesting {
            let document = try reading { () throws(OCIError) in
                try ImageDocument(parsing: found.bytes, of: found.descriptor)
            }
            switch document {
            case .manifest(let manifest):
                let image = ResolvedImage(
                    descriptor: found.descriptor,
                    manifestBytes: found.bytes,
                    manifest: manifest,
                    root: root,
                    rootBytes: rootBytes
                )
                return .image(image)
            case .index(let index):
                let entry = try reading { () throws(OCIError) in try index.choice(for: platform) }
                found = (entry, try self.document(entry))
            }
        }
        throw .mismatch(
            endpoint.name,
            reason: "has more than \(Limits.nesting) indexes in one another"
        )
    }

    /// A document that another one refers to.
    private func document(_ entry: ContentDescriptor) throws(DistributionError) -> [UInt8] {
        guard entry.size <= Int64(Limits.document) else {
            throw .mismatch(
                entry.digest.description,
                reason: "is larger than \(Limits.document) bytes"
            )
        }
        guard let found = try document(entry.digest.description, digest: entry.digest, known: nil)
        else { throw .missing(entry.digest.description) }
        guard found.descriptor.size == entry.size else {
            throw .mismatch(
                entry.digest.description,
                reason: "has \(found.descriptor.size) bytes instead of \(entry.size)"
            )
        }
        guard found.descriptor.mediaType == entry.mediaType else {
            throw .mismatch(
                entry.digest.description,
                reason: "is sent as \(quoted(found.descriptor.mediaType.text)), "
                    + "and listed as \(quoted(entry.mediaType.text))"
            )
        }
        return found.bytes
    }

    /// A manifest or index; nil if it still has the known digest.
    private func document(
        _ reference: String,
        digest wanted: Digest?,
        known: Digest?,
        _ attempts: Int? = nil
    ) throws(DistributionError) -> (descriptor: ContentDescriptor, bytes: [UInt8])? {
        var headers = Self.accepted
        if let known { headers.append("If-None-Match", "\"\(known)\"") }
        var request = HTTPRequest(
            .get,
            try endpoint.url("manifests/\(reference)"),
            headers: headers
        )
        request.expectedStatuses = [404]
        request.attempts = attempts
        let answer = try answer(to: request, limit: Limits.document)
        if answer.status == 304, known != nil { return nil }
        guard answer.status != 404 else {
            throw .missing("\(endpoint.name)\(wanted == nil ? ":" : "@")\(reference)")
        }
        let actual = try digest(of: answer.bytes, wanted?.algorithm ?? .sha256)
        if let wanted, wanted != actual {
            throw .mismatch(wanted.description, reason: "is not what the registry sends: \(actual)")
        }
        let told = answer.headers["Docker-Content-Digest"].flatMap { try? Digest($0) }
        if let told, told.algorithm == actual.algorithm, told != actual {
            throw .mismatch(
                "\(endpoint.name):\(reference)",
                reason: "is announced as \(told) and is \(actual)"
            )
        }
        let type = try mediaType(of: answer)
        return (
            ContentDescriptor(mediaType: type, digest: actual, size: Int64(answer.bytes.count)),
            answer.bytes
        )
    }

    /// What a document is: as the registry sends it.
    ///
    /// What says nothing, or only that it is JSON, is as it says itself.
    private func mediaType(of answer: HTTPAnswer) throws(DistributionError) -> MediaType {
        let sent = MediaType(answer.headers.contentType ?? "")
        if sent == .dockerManifestOne {
            throw .answer(
                "\(endpoint.name): the registry has this image in schema version 1 only, which is no longer "
                    + "supported; push it again with a current program"
            )
        }
        if sent.isManifest || sent.isIndex { return sent }
        let isVague = ["", "application/json", "text/plain", "application/octet-stream"]
            .contains(sent.text.prefix { $0 != ";" }.lowercased())
        let document = try reading { () throws(OCIError) in
            try ImageDocument(parsing: answer.bytes)
        }
        let own: MediaType? =
            switch document {
            case .manifest(let manifest): manifest.mediaType
            case .index(let index): index.mediaType
            }
        guard isVague, let own else {
            throw .answer(
                "\(endpoint.name): \(quoted(sent.text)) is neither a manifest nor an index"
            )
        }
        return own
    }

    /// The image's configuration.
    package func configuration(of image: ResolvedImage) throws(DistributionError) -> [UInt8] {
        let descriptor = image.manifest.configuration
        let request = HTTPRequest(.get, try endpoint.url("blobs/\(descriptor.digest)"))
        let answer = try answer(to: request, limit: Int(clamping: descriptor.size))
        guard Int64(answer.bytes.count) == descriptor.size,
            try digest(of: answer.bytes, descriptor.digest.algorithm) == descriptor.digest
        else {
            throw .mismatch(
                "the configuration",
                reason: "hasn't the size or the digest that the manifest says"
            )
        }
        return answer.bytes
    }

    /// Downloads a blob; the sink expects its size, and its digest is checked.
    package func download(
        _ blob: ContentDescriptor,
        into sink: FileSink
    ) throws(DistributionError) {
        if sink.length < UInt64(clamping: blob.size) || blob.size == 0 {
            let request = HTTPRequest(.get, try endpoint.url("blobs/\(blob.digest)"))
            _ = try perform(request, into: sink)
        }
        let actual = try transferring { () throws(TransferError) in try sink.finish() }
        guard actual == blob.digest else {
            throw .mismatch(
                "blob \(blob.digest)",
                reason: "is not what the registry sends: \(actual)"
            )
        }
    }

    func digest(
        of bytes: [UInt8],
        _ algorithm: Digest.Algorithm
    ) throws(DistributionError) -> Digest {
        do throws(CompressionError) {
            var hasher = try Hasher(algorithm == .sha256 ? .sha256 : .sha512)
            try hasher.update(bytes.span)
            if let digest = Digest(algorithm, sum: try hasher.finish()) { return digest }
        } catch { throw .answer(error.description) }
        throw .answer("cannot compute a digest")
    }

    func quoted(_ text: String) -> String { "\"\(text.prefix(200))\"" }
}
