internal import AppContainer
internal import Configuration
internal import Linux
internal import OCI
internal import References
internal import Trust

extension ImageFetcher {
    /// The longest ACI that is downloaded.
    private static let archiveLimit: Int64 = 64 << 30

    // MARK: - Registries

    /// The image of a registry, by the pull policy.
    ///
    /// - Parameter platform: another platform than this machine's, if its name asks for one.
    func resolve(
        _ docker: DockerReference,
        for platform: Platform? = nil
    ) throws(FetchError) -> StoredImage {
        let platform = platform ?? network.platform
        let trust = try trustPolicy(for: docker.description)
        let name = docker.name.text
        let exemption = trust.exemption(for: name)
        let needsSignature = exemption == nil && trust.signers(of: name) != nil
        let key = "docker://\(docker)" + (platform.map { " for \($0)" } ?? "")
        var record = store.remote(key)
        // A digest means one image for ever, a tag whatever it means today. What was let in without a signature, or by
        // another key, is got again where one is wanted now.
        if policy != .update || docker.digest != nil,
            let image = try stored(docker, platform, record)
        {
            guard needsSignature else { return image }
            if try suffices(image, as: name, policy) { return image }
        }
        if needsSignature, let known = record,
            try missingSignature(of: stored(known.id), as: name) != nil
        {
            record = nil
        }
        guard policy != .never else { throw .unavailable(docker.description) }
        if exemption == nil { try requireSigners(of: docker, trust) }
        let pulled = try process.pull(
            NetworkRequest(
                .pull(
                    docker.registryImage,
                    known: record.flatMap { try? Digest($0.tag) },
                    platform ?? .host,
                    signatures: exemption == nil
                ),
                network
            ),
            FetchRequest(
                kind: .registry,
                path: docker.description,
                allowsUnsigned: exemption != nil,
                keystore: keystore,
                platform: platform,
                exemption: exemption ?? .insecureImageOption,
                configuration: network.configuration
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
        _ platform: Platform?,
        _ record: RemoteRecord?
    ) throws(FetchError) -> StoredImage? {
        if docker.digest != nil || platform != nil {
            return try record.map { record throws(FetchError) in try stored(record.id) }
        }
        do throws(StoreError) {
            return try store.resolve(LabelledName(docker), runsHere: true)
        } catch {
            guard case .notFound = error else { throw .store(error) }
            return nil
        }
    }

    /// An image that needs a signature must have somebody whose signature counts.
    private func requireSigners(
        of image: DockerReference,
        _ trust: TrustPolicy
    ) throws(FetchError) {
        let name = image.name.text
        if let signers = trust.signers(of: name), !signers.keys.isEmpty { return }
        let reason: String
        do throws(TrustError) {
            try trust.admit([name], nil)
            reason =
                "images of registries aren't signed by themselves: use --insecure-options=image if you trust it, or "
                + "a policy that says who signs it"
        } catch { reason = "\(error) (it names no keys for images of registries)" }
        throw .refused(image: image.description, reason: reason)
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
        let exemption = try trustPolicy(for: url).exemption(for: expected?.name.text)
        let record = try usable(store.remote(url), exemption)
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
                        isSigned: exemption == nil && signature == nil,
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
        let image = try importDownload(name, of: url, signature, exemption, as: expected, size)
        store.remember(RemoteRecord(id: image.id, tag: tag, maximumAge: age), of: url)
        return image
    }

    /// What is known of a URL; whoever fetched it before may have waived the signature that is asked for now, and its key may
    /// be no longer one that counts.
    private func usable(
        _ record: RemoteRecord?,
        _ exemption: Exemption?
    ) throws(FetchError) -> RemoteRecord? {
        guard let record, exemption == nil else { return record }
        let image = try stored(record.id)
        guard policy != .update || image.isVouchedFor else { return nil }
        return try missingSignature(of: image) == nil || policy == .never ? record : nil
    }

    private func importDownload(
        _ name: String,
        of url: String,
        _ signature: String?,
        _ exemption: Exemption?,
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
            allowsUnsigned: exemption != nil,
            keystore: keystore,
            hasSignature: exemption == nil,
            expected: expected,
            exemption: exemption ?? .insecureImageOption,
            configuration: network.configuration
        )
        let proof: Descriptor? =
            if exemption != nil {
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
