package import Linux
package import OCI
internal import Transfers

/// An upload that a registry has agreed to.
package struct BlobUpload: Sendable {
    let blob: ContentDescriptor
    let place: WebURL
    /// The shortest piece the registry takes, except for the last one.
    let shortestPiece: UInt64
}

extension RegistrySession {
    /// Up to this size a blob is sent at once; what is larger goes in pieces, so that a broken connection costs no more.
    static let pieceLength: UInt64 = 64 << 20

    /// Begins to upload a blob.
    ///
    /// - Returns: nil if the registry has it, in this repository or in one it may be taken from.
    package func beginUpload(of blob: ContentDescriptor) throws(DistributionError) -> BlobUpload? {
        var question = HTTPRequest(.head, try endpoint.url("blobs/\(blob.digest)"))
        question.expectedStatuses = [404]
        if try answer(to: question).status == 200 { return nil }
        for source in sources {
            let answer = try start([("mount", blob.digest.description), ("from", source)])
            if answer.status == 201 { return nil }
            if let upload = try upload(of: blob, answer) { return upload }
        }
        guard let upload = try upload(of: blob, start([])) else {
            throw .answer("\(endpoint.name): the registry begins an upload, and says not where")
        }
        return upload
    }

    private func start(
        _ items: [(name: String, value: String)]
    ) throws(DistributionError) -> HTTPAnswer {
        let place = try endpoint.url("blobs/uploads/")
        let url = try transferring { () throws(TransferError) in
            items.isEmpty ? place : try place.with(query: items)
        }
        return try answer(to: HTTPRequest(.post, url))
    }

    private func upload(
        of blob: ContentDescriptor,
        _ answer: HTTPAnswer
    ) throws(DistributionError) -> BlobUpload? {
        guard answer.status == 202, let location = answer.headers["Location"] else { return nil }
        return BlobUpload(
            blob: blob,
            place: try place(location, after: answer.response.url),
            shortestPiece: answer.headers["OCI-Chunk-Min-Length"].flatMap { UInt64($0.trimmed) }
                ?? 0
        )
    }

    /// Where the registry wants the next part; not by plain http what began by https.
    private func place(_ location: String, after url: WebURL) throws(DistributionError) -> WebURL {
        try transferring { () throws(TransferError) in
            let next = try url.resolving(location)
            guard next.isSecure || !url.isSecure else {
                throw .insecure(url, reason: "an upload by https goes on by plain http")
            }
            return next
        }
    }

    /// Sends a blob.
    ///
    /// - Parameter progress: told how many bytes are sent.
    package func send(
        _ file: borrowing Descriptor,
        to upload: BlobUpload,
        progress: (UInt64) -> Void
    ) throws(DistributionError) {
        let size = UInt64(clamping: upload.blob.size)
        let piece = max(Self.pieceLength, min(upload.shortestPiece, 1 << 30))
        var place = upload.place
        var position: UInt64 = 0
        while size - position > piece {
            place = try send(file, from: position, piece, to: place)
            position += piece
            progress(position)
        }
        try finish(file, from: position, size, upload.blob.digest, at: place)
    }

    private func send(
        _ file: borrowing Descriptor,
        from position: UInt64,
        _ length: UInt64,
        to place: WebURL
    ) throws(DistributionError) -> WebURL {
        var request = HTTPRequest(.patch, place, body: try stretch(file, position, length))
        request.headers = [
            "Content-Type": "application/octet-stream",
            "Content-Range": "\(position)-\(position + length - 1)",
        ]
        let answer = try answer(to: request)
        guard answer.response.succeeded else {
            throw .answer(
                "\(endpoint.name): the registry answers \(answer.status) to a part of a blob"
            )
        }
        return try answer.headers["Location"].map { location throws(DistributionError) in
            try self.place(location, after: answer.response.url)
        } ?? place
    }

    private func finish(
        _ file: borrowing Descriptor,
        from position: UInt64,
        _ size: UInt64,
        _ digest: Digest,
        at place: WebURL
    ) throws(DistributionError) {
        let url = try transferring { () throws(TransferError) in
            try place.with(query: [("digest", digest.description)])
        }
        var request = HTTPRequest(.put, url, body: try stretch(file, position, size - position))
        request.headers = ["Content-Type": "application/octet-stream"]
        if position > 0 { request.headers.append("Content-Range", "\(position)-\(size - 1)") }
        let answer = try answer(to: request)
        guard answer.status == 201 || answer.status == 204 else {
            throw .answer("\(endpoint.name): the registry answers \(answer.status) to a blob")
        }
    }

    private func stretch(
        _ file: borrowing Descriptor,
        _ offset: UInt64,
        _ length: UInt64
    ) throws(DistributionError) -> HTTPRequest.Body {
        do throws(Errno) {
            return .file(.init(try file.duplicate(), offset: offset, length: length))
        } catch { throw .transfer(.file("open a blob", error)) }
    }

    /// Sends the manifest of an image whose blobs are all there.
    package func push(
        manifest bytes: [UInt8],
        type: MediaType,
        digest: Digest,
        as reference: String
    ) throws(DistributionError) {
        guard try self.digest(of: bytes, digest.algorithm) == digest else {
            throw .mismatch("the manifest", reason: "hasn't the digest \(digest) any more")
        }
        var request = HTTPRequest(
            .put,
            try endpoint.url("manifests/\(reference)"),
            body: .bytes(bytes)
        )
        request.headers = ["Content-Type": type.text]
        let answer = try answer(to: request)
        guard answer.response.succeeded else {
            throw .answer("\(endpoint.name): the registry answers \(answer.status) to the manifest")
        }
        let told = answer.headers["Docker-Content-Digest"].flatMap { try? Digest($0) }
        guard told == nil || told == digest else {
            throw .mismatch("the manifest", reason: "has become another one in the registry")
        }
    }
}
