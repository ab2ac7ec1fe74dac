internal import Linux
internal import OCI
internal import References
internal import Trust

extension ImageFetcher {
    /// The longest ACI that is downloaded.
    private static let archiveLimit: Int64 = 64 << 30

    // MARK: - Registries

    /// The image of a registry, by the pull policy.
    func resolve(_ docker: DockerReference) throws(FetchError) -> StoredImage {
        let key = "docker://\(docker)" + (network.platform.map { " for \($0)" } ?? "")
        let record = store.remote(key)
        // A digest means one image for ever, a tag whatever it means today.
        if policy != .update || docker.digest != nil, let image = try stored(docker, record) {
            return image
        }
        guard policy != .never else { throw .unavailable(docker.description) }
        try requireExemption(docker.description)
        let pulled = try process.pull(
            NetworkRequest(
                .pull(
                    docker.registryImage,
                    known: record.flatMap { try? Digest($0.tag) },
                    network.platform ?? .host
                ),
                network
            ),
            FetchRequest(
                kind: .registry,
                path: docker.description,
                allowsUnsigned: allowsUnsigned,
                keystore: keystore,
                platform: network.platform
            ),
            into: store.data,
            follow: follow
        )
        guard let pulled else { return try image(record, named: docker.description) }
        if case .done(let tag, let age) = pulled.outcome {
            store.remember(RemoteRecord(id: pulled.id, tag: tag, maximumAge: age), of: key)
        }
        return try stored(pulled.id)
    }

    /// What the store has of a reference.
    private func stored(
        _ docker: DockerReference,
        _ record: RemoteRecord?
    ) throws(FetchError) -> StoredImage? {
        if docker.digest != nil || network.platform != nil {
            return try record.map { record throws(FetchError) in try stored(record.id) }
        }
        do throws(StoreError) {
            return try store.resolve(LabelledName(docker))
        } catch {
            guard case .notFound = error else { throw .store(error) }
            return nil
        }
    }

    private func requireExemption(_ image: String) throws(FetchError) {
        guard !allowsUnsigned else { return }
        throw .refused(
            image: image,
            reason:
                "images of registries aren't signed: use --insecure-options=image if you trust it"
        )
    }

    // MARK: - URLs

    /// The ACI at a URL, by the pull policy and what the server said of how long its answer is good.
    ///
    /// - Parameters:
    ///   - signature: a file with its signature; without one it is got from the network.
    ///   - expected: the name that the image must have.
    ///   - place: where its signature is; nil for beside the URL.
    ///   - size: how long the archive must be, if that is known.
    func resolve(
        url: String,
        signature: String?,
        as expected: LabelledName? = nil,
        signedAt place: String? = nil,
        size: UInt64? = nil
    ) throws(FetchError) -> StoredImage {
        let record = try usable(store.remote(url))
        if let record, policy != .update || record.isFresh { return try stored(record.id) }
        guard policy != .never else { throw .unavailable(url) }
        let name = ImageStore.downloadName(ofURL: url)
        let lock = try storing { [follow] () throws(StoreError) in
            try store.lockDownload(name) { follow(.waiting) }
        }
        defer { store.unlock(lock) }
        let outcome = try process.perform(
            NetworkRequest(
                .download(
                    .init(
                        url: url,
                        name: name,
                        limit: size.flatMap(Int64.init(exactly:)) ?? Self.archiveLimit,
                        known: record.flatMap { $0.tag.isEmpty ? nil : $0.tag },
                        isSigned: !allowsUnsigned && signature == nil,
                        signature: place
                    )
                ),
                network
            ),
            on: url,
            in: store.data,
            follow: follow
        )
        // What is half there stays for the next time.
        defer { store.removeDownload(name) }
        guard case .done(let tag, let age) = outcome else { return try image(record, named: url) }
        let image = try importDownload(name, of: url, signature, as: expected, size)
        store.remember(RemoteRecord(id: image.id, tag: tag, maximumAge: age), of: url)
        return image
    }

    /// What is known of a URL; whoever fetched it before may have waived the signature that is asked for now.
    private func usable(_ record: RemoteRecord?) throws(FetchError) -> RemoteRecord? {
        guard let record, policy == .update, !allowsUnsigned else { return record }
        if case .signed = try stored(record.id).warrant { return record }
        return nil
    }

    private func importDownload(
        _ name: String,
        of url: String,
        _ signature: String?,
        as expected: LabelledName?,
        _ size: UInt64?
    ) throws(FetchError) -> StoredImage {
        let file = try storing { () throws(StoreError) in try store.openDownload(name) }
        if let size, let found = try? file.status().size, found != size {
            throw .refused(image: url, reason: "it has \(found) bytes instead of \(size)")
        }
        let request = FetchRequest(
            kind: .aci,
            path: url,
            allowsUnsigned: allowsUnsigned,
            keystore: keystore,
            hasSignature: !allowsUnsigned,
            expected: expected
        )
        let proof: Descriptor? =
            if allowsUnsigned {
                nil
            } else if let signature {
                try signatureFile(of: url, given: signature)
            } else {
                try storing { () throws(StoreError) in try store.openDownload("\(name).asc") }
            }
        let id = try process.fetch(
            request,
            from: file,
            signature: proof,
            into: store.data,
            follow: follow
        )
        return try stored(id)
    }

    // MARK: - The store

    private func stored(_ id: ImageID) throws(FetchError) -> StoredImage {
        guard let stored = try storing({ () throws(StoreError) in try store.image(id) }) else {
            throw .store(.notFound(id.description))
        }
        return stored
    }

    /// The image that the other place still has, too.
    private func image(
        _ record: RemoteRecord?,
        named name: String
    ) throws(FetchError) -> StoredImage {
        guard let record else { throw .unavailable(name) }
        return try stored(record.id)
    }
}

extension DockerReference {
    /// The image as the network half is asked for it.
    package var registryImage: NetworkRequest.RegistryImage {
        NetworkRequest.RegistryImage(
            registry: registry,
            host: host,
            repository: repository,
            reference: digest?.description ?? tag ?? "latest"
        )
    }
}
