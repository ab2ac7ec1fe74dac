internal import Distribution
internal import ImageStorage
internal import Linux
internal import OCI
internal import Transfers

/// Brings a stored image to a registry: its blobs, unless they are there, then its manifest.
struct Push: ~Copyable {
    private let session: RegistrySession
    private let downloads: DownloadDirectory
    private let events: EventWriter
    private let progress: TotalProgress

    init(
        _ session: RegistrySession,
        _ downloads: consuming DownloadDirectory,
        _ events: EventWriter
    ) {
        self.session = session
        self.downloads = downloads
        self.events = events
        progress = TotalProgress(events)
    }

    /// Pushes the image of a manifest, byte for byte as it is kept.
    func run(_ digest: Digest, as reference: String) throws(DistributionError) {
        let bytes = try manifestBytes(digest)
        let document: ImageDocument
        do throws(OCIError) { document = try ImageDocument(parsing: bytes) } catch {
            throw .document(error)
        }
        guard case .manifest(let manifest) = document else {
            throw .answer("\(digest) is no manifest of an image")
        }
        let blobs = manifest.layers + [manifest.configuration]
        progress.add(blobs.map { UInt64(clamping: $0.size) })
        for (index, blob) in blobs.enumerated() {
            try push(blob, at: index)
            progress.advance(to: UInt64(clamping: blob.size), of: index)
        }
        try session.push(
            manifest: bytes,
            type: manifest.mediaType ?? .manifest,
            digest: digest,
            as: reference
        )
        events.tell(.remote(tag: digest.description, maximumAge: 0))
    }

    private func push(_ blob: ContentDescriptor, at index: Int) throws(DistributionError) {
        guard let upload = try session.beginUpload(of: blob) else { return }
        guard let file = downloads.kept(blob.digest) else {
            throw .answer(
                "the packed layer \(blob.digest) isn't kept in the store, and the registry doesn't have it "
                    + "(fetch the image again)"
            )
        }
        let progress = progress
        try session.send(file, to: upload) { progress.advance(to: $0, of: index) }
    }

    private func manifestBytes(_ digest: Digest) throws(DistributionError) -> [UInt8] {
        guard let bytes = try? downloads.kept(digest)?.readToEnd(limit: Limits.document) else {
            throw .missing(digest.description)
        }
        return bytes
    }
}
