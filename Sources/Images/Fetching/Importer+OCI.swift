internal import ImageStorage
internal import JSON
internal import OCI
internal import References
internal import Trust
internal import Unpacking

extension Importer {
    /// Imports an image of an OCI layout, a directory or an archive of one.
    func importLayout(_ files: some ImageFiles) throws(ImportError) -> StoredImage {
        let marker = try files.document(ImageLayout.fileName, limit: 4096)
        _ = try reading { () throws(OCIError) in try ImageLayout(parsing: marker) }
        let bytes = try files.document(ImageLayout.indexName)
        let chosen = try reading { () throws(OCIError) in
            try Index(parsing: bytes).choice(tagged: request.tag, for: .host)
        }
        let (manifest, text) = try manifest(chosen, in: files)
        let image = try OCIImage(
            configuration: files.document(manifest.configuration),
            manifest: text
        ) { (configuration) throws(ImportError) in
            try reading { () throws(OCIError) in try manifest.layers(with: configuration) }.map {
                OCIImage.Layer(
                    diffID: $0.diffID,
                    descriptor: $0.blob,
                    path: $0.blob.digest.layoutPath
                )
            }
        }
        let name = try? LabelledName(
            path: request.path,
            referenceName: chosen.annotations["io.containerd.image.name"] ?? chosen.referenceName
        )
        return try store(image, named: [name].compactMap(\.self), from: files)
    }

    /// Imports an image of an archive as `docker save` writes it.
    func importDocker(_ files: some ImageFiles) throws(ImportError) -> StoredImage {
        let bytes = try files.document(DockerArchive.fileName)
        let archive = try reading { () throws(OCIError) in try DockerArchive(parsing: bytes) }
        let image: DockerArchive.Image
        let name: LabelledName?
        do throws(ReferenceError) {
            (image, name) = try archive.choice(tagged: request.tag)
        } catch { throw .invalid(error.description) }
        let oci = try OCIImage(configuration: files.document(image.configuration)) {
            (configuration) throws(ImportError) in
            guard image.layers.count == configuration.diffIDs.count else {
                throw .oci(
                    .layerCount(
                        manifest: image.layers.count,
                        configuration: configuration.diffIDs.count
                    )
                )
            }
            return zip(configuration.diffIDs, image.layers).map {
                OCIImage.Layer(diffID: $0, descriptor: nil, path: $1)
            }
        }
        let others = image.repoTags.compactMap { tag in
            (try? DockerReference(tag)).map { LabelledName($0) }
        }
        var names = [name].compactMap(\.self) + others
        if names.isEmpty, let own = try? LabelledName(path: request.path, referenceName: nil) {
            names = [own]
        }
        return try store(oci, named: names, from: files)
    }

    /// The manifest behind a descriptor, through indexes for several platforms.
    private func manifest(
        _ descriptor: ContentDescriptor,
        in files: some ImageFiles
    ) throws(ImportError) -> (Manifest, [UInt8]) {
        var descriptor = descriptor
        for _ in 0..<Limits.nesting {
            let bytes = try files.document(descriptor)
            let document = try reading { () throws(OCIError) in
                try ImageDocument(parsing: bytes, of: descriptor)
            }
            switch document {
            case .manifest(let manifest): return (manifest, bytes)
            case .index(let index):
                descriptor = try reading { () throws(OCIError) in try index.choice(for: .host) }
            }
        }
        throw .invalid("more than \(Limits.nesting) indexes in one another")
    }

    private func store(
        _ image: OCIImage,
        named names: [LabelledName],
        from files: some ImageFiles
    ) throws(ImportError) -> StoredImage {
        let fetched = FetchedImage(
            id: image.id,
            names: names.map(image.labelled),
            layers: try unpack(image.layers, from: files),
            manifest: image.configuration,
            blobs: image.blobs
        )
        let verified = VerifiedImage(fetched, exemption: .localImport)
        return try commit(verified)
    }
}
