internal import AppContainer
internal import ImageStorage
internal import JSON
internal import Linux
internal import OCI
internal import References
internal import Trust
internal import Unpacking

extension Importer {
    /// Imports an App Container Image.
    ///
    /// Its ID is known only when all of it was read.
    ///
    /// - Parameter archive: the file as its signatures were checked; nil if the user waived that.
    func importACI(
        _ file: borrowing Descriptor,
        _ archive: VerifiedArchive?
    ) throws(ImportError) -> StoredImage {
        let tree = try storing { () throws(StoreError) in try store.makeTree() }
        let unpacked = try unpack(file, archive, into: tree)
        for warning in unpacked.warnings { events.tell(.warning(warning)) }
        let (manifest, json) = try self.manifest(unpacked.manifest)
        guard let id = ImageID("sha512-\(unpacked.digest.hex.prefix(ImageID.digits))") else {
            throw .invalid("cannot compute the image ID")
        }
        let name = LabelledName(manifest.name, labels: manifest.labels)
        if let expected = request.expected, !expected.matches(name) {
            throw .invalid("the archive is the image \(quoted(name.description))")
        }
        // Before anything of it can be seen.
        let signer = try archive.map { (archive) throws(ImportError) in
            try trusting { () throws(TrustError) in try archive.signer(for: manifest.name) }
        }
        let layer = try keep(tree, as: LayerID(of: id), LayerNote(size: unpacked.size))
        let image = FetchedImage(
            id: id,
            names: [name],
            layers: [layer],
            manifest: json,
            archiveDigest: unpacked.archiveDigest?.description
        )
        let stored = try commit(verified(image, archive))
        if let signer { events.tell(.verified(signer: signer.description)) }
        return stored
    }

    private func verified(
        _ image: consuming FetchedImage,
        _ archive: VerifiedArchive?
    ) throws(ImportError) -> VerifiedImage {
        guard let archive else { return VerifiedImage(image, exemption: request.exemption) }
        do throws(TrustError) {
            return try VerifiedImage(image, from: archive)
        } catch { throw .untrusted(error) }
    }

    private func unpack(
        _ file: borrowing Descriptor,
        _ archive: VerifiedArchive?,
        into tree: TemporaryTree
    ) throws(ImportError) -> UnpackedACI {
        do throws(UnpackError) {
            let blob = try BlobSource(file)
            return try unpacker.unpackACI(
                blob,
                into: tree.directory,
                expectedDigest: archive.flatMap { try? Digest($0.digest) },
                progress: events.progress(after: 0, of: blob.length)
            )
        } catch { throw .part("archive", error) }
    }

    /// The manifest, which must be one that can run here.
    private func manifest(_ bytes: [UInt8]) throws(ImportError) -> (ImageManifest, JSON) {
        let json: JSON
        let manifest: ImageManifest
        do {
            json = try JSON.parse(bytes)
            manifest = try ImageManifest(json: json)
        } catch { throw .invalid("bad image manifest: \(error)") }
        guard let system = manifest.labels["os"] else {
            throw .invalid("missing os label in the image manifest")
        }
        guard let architecture = manifest.labels["arch"] else {
            throw .invalid("missing arch label in the image manifest")
        }
        guard system == HostPlatform.operatingSystem, architecture == HostPlatform.architecture
        else { throw .invalid("bad os/arch: \(quoted("\(system)/\(architecture)"))") }
        return (manifest, json)
    }

    private func keep(
        _ tree: TemporaryTree,
        as layer: LayerID,
        _ note: LayerNote
    ) throws(ImportError) -> LayerHold {
        switch try storing({ () throws(StoreError) in try store.claim(layer) }) {
        case .present(let hold): hold
        case .missing(let build): try finish(build, with: tree, note)
        }
    }
}
