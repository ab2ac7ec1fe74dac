internal import ImageStorage
internal import Linux
internal import OCI
internal import References
internal import Trust
internal import Unpacking

extension Importer {
    /// Imports the image that the other half of this program has found in a registry, while that downloads its layers.
    ///
    /// Nothing that the other half says is believed: it talks to whoever answers.
    func importRegistry(_ socket: consuming Descriptor) throws(ImportError) -> StoredImage {
        let link = Link(socket)
        guard let found = link.foundImage() else { throw .noDownload }
        try check(found.manifestBytes, found.manifest.digest)
        let document = try reading { () throws(OCIError) in
            try ImageDocument(parsing: found.manifestBytes, of: found.manifest)
        }
        guard case .manifest(let manifest) = document else { throw .noDownload }
        try check(found.configurationBytes, manifest.configuration.digest)
        let verified = try signers.map { (signers) throws(ImportError) in
            guard let (root, signatures) = link.signatures() else { throw .noDownload }
            return try signers.verify(
                found.manifest.digest,
                found.manifestBytes,
                root: root,
                signatures
            )
        }
        let image = try OCIImage(
            configuration: found.configurationBytes,
            manifest: found.manifestBytes,
            for: request.platform ?? .host
        ) { (configuration) throws(ImportError) in
            try reading { () throws(OCIError) in try manifest.layers(with: configuration) }.map {
                OCIImage.Layer(
                    diffID: $0.diffID,
                    descriptor: $0.blob,
                    path: $0.blob.digest.layoutPath
                )
            }
        }
        let layers = try unpack(image.layers, from: Arrivals(link))
        let name = try? DockerReference(request.path)
        let fetched = FetchedImage(
            id: image.id,
            names: name.map { [image.labelled(LabelledName($0))] } ?? [],
            layers: layers,
            manifest: image.configuration,
            blobs: image.blobs,
            manifestDigest: found.manifest.digest.description,
            layerBlobs: manifest.layers.map(\.digest)
        )
        guard let verified else {
            guard request.allowsUnsigned else { throw .invalid("unsigned") }
            return try commit(VerifiedImage(fetched, exemption: request.exemption))
        }
        let key = verified.key
        let stored = try commit(try vouched(fetched, verified))
        events.tell(.verified(signer: "the key \(key)"))
        return stored
    }

    private func vouched(
        _ image: consuming FetchedImage,
        _ manifest: VerifiedManifest
    ) throws(ImportError) -> VerifiedImage {
        do throws(TrustError) { return try VerifiedImage(image, by: manifest) } catch {
            throw .untrusted(error)
        }
    }

    private func check(_ bytes: [UInt8], _ digest: Digest) throws(ImportError) {
        guard try Fetching.digest(of: bytes, digest.algorithm) == digest else {
            throw .mismatch(digest.description, reason: "hasn't the digest that names it")
        }
    }

    private func unpack(
        _ layers: [OCIImage.Layer],
        from arrivals: Arrivals
    ) throws(ImportError) -> [LayerHold] {
        // Those that are here may be removed until they are held, and those that aren't may come: then they are asked for
        // when it is their turn.
        var missing: [Int] = []
        for (index, layer) in layers.enumerated() where store.lacks(try layerID(layer)) {
            missing.append(index)
            try distrustBlob(of: layers[index])
        }
        var wanted = Set(missing)
        if !missing.isEmpty { arrivals.want(missing) }
        return try hold(layers) { (index) throws(ImportError) in
            if wanted.insert(index).inserted { arrivals.want([index]) }
            return try source(of: layers[index], index, from: arrivals)
        }
    }

    /// What was kept of a layer that is in doubt may be damaged like that; then it is got again.
    private func distrustBlob(of layer: OCIImage.Layer) throws(ImportError) {
        guard store.isInDoubt(try layerID(layer)), let digest = layer.descriptor?.digest,
            let blob = try? store.openBlob(digest)
        else { return }
        let sum = try part(layer) { () throws(UnpackError) in try sha256(of: blob) }
        guard sum != digest.hex else { return }
        try storing { () throws(StoreError) in try store.removeDamagedBlob(digest) }
    }

    private func source(
        of layer: OCIImage.Layer,
        _ index: Int,
        from arrivals: Arrivals
    ) throws(ImportError) -> BlobSource {
        guard let descriptor = layer.descriptor, arrivals.waitForFile(of: index) else {
            throw .noDownload
        }
        let file = try storing { () throws(StoreError) in try store.openBlob(descriptor.digest) }
        return try part(layer) { () throws(UnpackError) in
            try BlobSource(file, length: UInt64(clamping: descriptor.size)) { position in
                arrivals.wait(for: index, beyond: position)
            }
        }
    }
}
