internal import Archives
internal import Compression
internal import ImageStorage
internal import JSON
internal import Linux
internal import OCI

/// How layers are packed.
package enum LayerCompression: String, Sendable, CaseIterable {
    /// A plain tar.
    case none
    /// A tar in gzip, which everything reads.
    case gzip
    /// A tar in zstd, smaller and faster.
    case zstd

    var format: CompressionFormat {
        switch self {
        case .none: .plain
        case .gzip: .gzip
        case .zstd: .zstd
        }
    }

    var mediaType: MediaType {
        switch self {
        case .none: .layer(.none)
        case .gzip: .layer(.gzip)
        case .zstd: .layer(.zstd)
        }
    }
}

/// A layer as a file in the workshop.
struct LayerBlob: Sendable {
    /// What the image says about it.
    let descriptor: ContentDescriptor
    /// The digest of the tar.
    let diffID: Digest
    /// Where it lies in the workshop.
    let path: String
    /// What was left out, in words for the user.
    var warnings: [String] = []
}

extension Workshop {
    /// What the blob of a base image's layer is noted as.
    static func baseKey(_ layer: LayerID) -> String { "\(layer)-base" }

    /// Packs a layer, or finds it packed.
    ///
    /// - Parameter isFinal: whether the layer never changes again, so that its blob is kept.
    func blob(
        of layer: LayerID,
        _ compression: LayerCompression,
        isFinal: Bool,
        date: SourceDate
    ) throws(BuildError) -> LayerBlob {
        let epoch = date.seconds.map { "-\($0)" } ?? ""
        let key = "\(layer)-\(compression.rawValue)\(epoch)"
        if let base = knownBlob(Self.baseKey(layer)) { return base }
        if isFinal, let known = knownBlob(key) { return known }
        let file = randomHex(bytes: 8)
        let descriptor = try step("pack a layer") { () throws(Errno) in
            let parent = try directory.makingDirectories(blobs, mode: 0o700)
            return try parent.open(file, [.readWrite, .create, .exclusive], mode: 0o600)
        }
        do throws(BuildError) {
            var archive = try TreeArchive(
                to: descriptor,
                path: "\(path)/\(blobs)",
                compression.format,
                hashing: .sha256,
                date: date
            )
            try archive.add(MergedDirectory(layer: self.layer(layer)), named: "")
            let warnings = archive.warnings
            let written = try archive.finish()
            guard let digest = Digest(.sha256, sum: written.outputDigest),
                let diffID = Digest(.sha256, sum: written.inputDigest)
            else { throw BuildError.invalid("cannot compute a digest") }
            return try keep(
                LayerBlob(
                    descriptor: ContentDescriptor(
                        mediaType: compression.mediaType,
                        digest: digest,
                        size: Int64(clamping: written.outputSize)
                    ),
                    diffID: diffID,
                    path: "\(blobs)/\(digest.hex)",
                    warnings: warnings
                ),
                file,
                as: isFinal ? key : nil
            )
        } catch {
            do throws(Errno) { try directory.directory(blobs).remove(file) } catch {}
            throw error
        }
    }

    private func keep(
        _ blob: LayerBlob,
        _ file: String,
        as key: String?
    ) throws(BuildError) -> LayerBlob {
        try step("pack a layer") { () throws(Errno) in
            let parent = try directory.directory(blobs)
            try parent.rename(file, to: parent, as: blob.descriptor.digest.hex)
            if let key { try note(blob, as: key, in: parent) }
        }
        return blob
    }

    /// Notes which blob a layer was packed as.
    func note(
        _ blob: LayerBlob,
        as key: String,
        in parent: borrowing Directory
    ) throws(Errno) {
        let note: JSON = [
            "digest": .string(blob.descriptor.digest.description),
            "size": .integer(blob.descriptor.size),
            "diffID": .string(blob.diffID.description),
            "mediaType": .string(blob.descriptor.mediaType.text),
        ]
        try parent.replaceFile(key, note.encodedBytes())
    }

    /// Forgets how a layer was packed, because another one takes its name.
    func forgetBlobs(of layer: LayerID) throws(Errno) {
        guard directory.contains(blobs) else { return }
        let notes = try directory.directory(blobs)
        for entry in try notes.entries() where entry.name.hasPrefix("\(layer)-") {
            try notes.remove(entry.name)
        }
    }

    private func knownBlob(_ key: String) -> LayerBlob? {
        guard let bytes = try? directory.readFile("\(blobs)/\(key)", limit: 4096),
            let note = try? JSON.parse(bytes),
            let digest = note["digest"]?.string.flatMap({ try? Digest($0) }),
            let diffID = note["diffID"]?.string.flatMap({ try? Digest($0) }),
            let size = note["size"]?.integer, let type = note["mediaType"]?.string,
            directory.contains("\(blobs)/\(digest.hex)")
        else { return nil }
        return LayerBlob(
            descriptor: ContentDescriptor(mediaType: MediaType(type), digest: digest, size: size),
            diffID: diffID,
            path: "\(blobs)/\(digest.hex)"
        )
    }
}
