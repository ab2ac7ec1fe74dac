package import AppContainer
internal import Linux
package import References
package import Trust

/// When the store is asked and when the place an image comes from.
package enum PullPolicy: String, CaseIterable, Sendable {
    /// Only the store.
    case never
    /// The store first.
    case new
    /// The other place first.
    case update
}

/// Turns what a user typed into a stored image, importing it if need be.
package struct ImageFetcher: ~Copyable {
    let store: ImageStore
    let process: FetcherProcess
    let policy: PullPolicy
    let dependencyPolicy: PullPolicy
    let allowsUnsigned: Bool
    let keystore: Keystore
    let network: NetworkOptions
    let reviewKey: KeyReview
    let follow: (FetchEvent) -> Void
    let rules = ReadRules()

    /// Asks whether a key that the host of a name has published is to be trusted for it, and if so does.
    package typealias KeyReview = (ACIdentifier, KeyFile) throws(FetchError) -> Void

    /// A fetcher for one data directory, which must exist.
    ///
    /// - Parameters:
    ///   - dependencyPolicy: the policy for what images depend on; nil for the same.
    ///   - allowsUnsigned: whether the user said `--insecure-options=image`.
    ///   - keystore: the keys that may have signed images.
    ///   - network: what holds for everything on the network.
    ///   - reviewKey: what is done about keys that a host publishes; none is trusted unless it says so.
    ///   - follow: told of progress and warnings of imports.
    package init(
        store: consuming ImageStore,
        policy: PullPolicy,
        dependencyPolicy: PullPolicy? = nil,
        allowsUnsigned: Bool,
        keystore: Keystore,
        network: NetworkOptions = NetworkOptions(),
        process: FetcherProcess = FetcherProcess(),
        reviewKey: @escaping KeyReview = { _, _ in },
        follow: @escaping (FetchEvent) -> Void = { _ in }
    ) {
        self.store = store
        self.process = process
        self.policy = policy
        self.dependencyPolicy = dependencyPolicy ?? policy
        self.allowsUnsigned = allowsUnsigned
        self.keystore = keystore
        self.network = network
        self.reviewKey = reviewKey
        self.follow = follow
    }

    /// The stored image of a reference as a user types it.
    ///
    /// - Parameter signature: the path of the signature that was given for it, if one was.
    package func resolve(_ text: String, signature: String? = nil) throws -> StoredImage {
        try resolve(ImageReference(text, pathKind: Self.pathKind), signature: signature)
    }

    /// The stored image of a reference.
    ///
    /// The store alone answers for IDs and names. Files and directories are imported, unless they are the same that were
    /// imported before; then nothing but their status is read.
    package func resolve(
        _ reference: ImageReference,
        signature: String? = nil
    ) throws(FetchError) -> StoredImage {
        switch reference {
        case .file, .url: break
        default: if signature != nil { throw .noUseOfSignature(reference.description) }
        }
        let image = try image(of: reference, signature: signature)
        return try admitted(image, as: reference.name(of: image))
    }

    /// Unpacks again what may not have been on the disk when the machine stopped.
    func mend(_ image: StoredImage) throws(FetchError) {
        let request = ExportRequest(image, as: .check, to: image.displayName)
        do throws(FetchError) {
            _ = try process.export(request, from: store.data, follow: follow)
        } catch {
            guard case .refused(let name, let reason) = error else { throw error }
            throw .refused(
                image: name,
                reason: "\(reason); the machine stopped before it was on the disk "
                    + "(rkt image rm \(image.id), then fetch it again)"
            )
        }
    }

    private func image(
        of reference: ImageReference,
        signature: String?
    ) throws(FetchError) -> StoredImage {
        switch reference {
        case .hash(let hash): try storing { () throws(StoreError) in try store.resolve(hash) }
        case .appc(let name): try resolve(name)
        case .hosted(let name): try resolve(name)
        case .docker(let docker): try resolve(docker)
        case .url(let url): try resolve(url: url, signature: signature)
        case .file(let path): try importImage(.aci, path, tag: nil, signature: signature)
        case .ociLayout(let path, let tag): try importImage(.ociLayout, path, tag: tag)
        case .ociArchive(let path, let tag): try importImage(.ociArchive, path, tag: tag)
        case .dockerArchive(let path, let tag): try importImage(.dockerArchive, path, tag: tag)
        }
    }

    private func resolve(_ name: LabelledName) throws(FetchError) -> StoredImage {
        if policy != .update {
            let known = try found { () throws(StoreError) in
                try store.resolve(name, runsHere: true)
            }
            let asked = known.flatMap { name.names.first(where: $0.isNamed) }
            if let known, try suffices(known, as: asked, policy) { return known }
        }
        guard policy != .never else { throw .unavailable(name.description) }
        return try discover(name)
    }

    private func importImage(
        _ kind: FetchRequest.Kind,
        _ path: String,
        tag: String?,
        signature: String? = nil
    ) throws(FetchError) -> StoredImage {
        let image = try opened(path, as: kind)
        // Its name isn't known before it is read.
        let exemption = try trustPolicy(for: path).exemption(for: nil)
        let needsSignature = kind == .aci && exemption == nil
        // Whoever imported the file before may have waived its signature.
        if !needsSignature, let source = source(image, kind, tag: tag) {
            let known = try storing { () throws(StoreError) in try store.image(from: source) }
            if let known { return known }
        }
        if policy == .never { throw .unavailable(path) }
        let request = FetchRequest(
            kind: kind,
            path: path,
            tag: tag,
            allowsUnsigned: exemption != nil,
            keystore: keystore,
            hasSignature: needsSignature,
            exemption: exemption ?? .insecureImageOption,
            configuration: network.configuration
        )
        let id = try process.fetch(
            request,
            from: image,
            signature: needsSignature ? signatureFile(of: path, given: signature) : nil,
            into: store.data,
            follow: follow
        )
        guard let stored = try storing({ () throws(StoreError) in try store.image(id) }) else {
            throw .store(.notFound(id.description))
        }
        return stored
    }

    /// The signature of an archive: the one given, or the one beside it.
    func signatureFile(
        of path: String,
        given: String?
    ) throws(FetchError) -> Descriptor {
        let file = given ?? path + ".asc"
        do throws(Errno) {
            let signature = try Descriptor.open(file, .nonBlocking)
            if try signature.status().kind == .regular { return signature }
        } catch {
            if error == .noSuchFile { throw .unsigned(path: path, signature: file) }
            throw .open(path: file, error)
        }
        throw .notAFile(path: file)
    }

    private func opened(
        _ path: String,
        as kind: FetchRequest.Kind
    ) throws(FetchError) -> Descriptor {
        let isDirectory = kind == .ociLayout
        do throws(Errno) {
            let image = try Descriptor.open(path, .nonBlocking)
            let actual = try image.status().kind
            if actual == (isDirectory ? .directory : .regular) { return image }
        } catch { throw .open(path: path, error) }
        throw .notAFile(path: path)
    }

    /// What tells whether an image is still the same: the file, or a layout's index, which names digests only.
    private func source(
        _ image: borrowing Descriptor,
        _ kind: FetchRequest.Kind,
        tag: String?
    ) -> ImageSource? {
        guard kind == .ociLayout else { return try? ImageSource(image, as: kind, tag: tag) }
        guard let directory = try? Directory(image.duplicate()),
            let index = try? directory.open("index.json", .nonBlocking)
        else { return nil }
        return try? ImageSource(index, as: kind, tag: tag)
    }

    func storing<Result: ~Copyable>(
        _ body: () throws(StoreError) -> Result
    ) throws(FetchError) -> Result {
        do throws(StoreError) { return try body() } catch { throw .store(error) }
    }

    /// What the store has; nil if it hasn't.
    func found(_ body: () throws(StoreError) -> StoredImage) throws(FetchError) -> StoredImage? {
        do throws(StoreError) { return try body() } catch {
            guard case .notFound = error else { throw .store(error) }
            return nil
        }
    }

    /// What a reference's grammar asks about a path.
    package static func pathKind(_ path: String) -> ImageReference.PathKind {
        // Without O_NONBLOCK a FIFO of that name would hold us for ever.
        guard let kind = try? Descriptor.open(path, .nonBlocking).status().kind else {
            return .missing
        }
        return kind == .regular ? .file : kind == .directory ? .directory : .missing
    }
}
