internal import AppContainer
internal import ImageStorage
internal import Linux
internal import References
internal import Trust
internal import Unpacking

/// Imports one image into the store: what `rkt-fetcher` does once it is caged.
struct Importer: ~Copyable {
    let store: ImageStore
    let request: FetchRequest
    let events: EventWriter
    let trust: TrustPolicy
    /// Who must have signed an image of a registry.
    let signers: RegistrySigners?
    let unpacker: LayerUnpacker

    /// How long after a file was written the kernel has put it on the disk by itself, with time to spare.
    private static let writebackTime = Duration.seconds(120)

    /// An importer for one request.
    init(
        store: consuming ImageStore,
        request: FetchRequest,
        trust: TrustPolicy,
        signers: RegistrySigners?,
        events: EventWriter,
        options: UnpackOptions
    ) {
        self.store = store
        self.request = request
        self.events = events
        self.trust = trust
        self.signers = signers
        unpacker = LayerUnpacker(options)
    }

    /// Imports the image out of the file or directory that `rkt` opened.
    ///
    /// A second import of the same file waits for the first one and finds its work done.
    ///
    /// - Parameter check: what the image needs to be stored.
    func run(
        _ image: consuming Descriptor,
        _ check: consuming RequiredCheck
    ) throws(ImportError) -> ImageID {
        try storing { () throws(StoreError) in
            try store.reclaim()
            try store.settle(after: Self.writebackTime)
        }
        guard request.kind != .registry, let before = source(of: image),
            let lock = try storing({ () throws(StoreError) in try store.lock(before) })
        else {
            let archive = try check.archive(image)
            return try importImage(image, archive).id
        }
        defer { store.unlock(lock) }
        let archive = try check.archive(image)
        if let known = try known(before, image, archive) { return known }
        let again = try step("open the image") { () throws(Errno) in try image.duplicate() }
        let id = try importImage(image, archive).id
        // A file that was written to while we read it is nothing to be recognised by.
        if source(of: again) == before { store.remember(before, as: id) }
        return id
    }

    /// The image that this file was imported as, if it hasn't changed: not even while its signatures were checked.
    private func known(
        _ before: ImageSource,
        _ file: borrowing Descriptor,
        _ archive: VerifiedArchive?
    ) throws(ImportError) -> ImageID? {
        guard let known = try storing({ () throws(StoreError) in try store.image(from: before) })
        else { return nil }
        guard let archive else { return known.id }
        guard source(of: file) == before, let name = known.name?.name else { return nil }
        let signer = try trusting { () throws(TrustError) in try archive.signer(for: name) }
        // Whoever imported it before may have waived its signature, or another key has signed it.
        let signature = ImageSignature(by: .openPGP(signer), as: name.text)
        if !known.signatures.contains(signature) {
            try storing { () throws(StoreError) in try store.note(signature, of: known.id) }
        }
        events.tell(.verified(signer: signer.description))
        return known.id
    }

    private func importImage(
        _ image: consuming Descriptor,
        _ archive: VerifiedArchive?
    ) throws(ImportError) -> StoredImage {
        switch request.kind {
        case .aci: try importACI(image, archive)
        case .ociLayout: try importLayout(LayoutDirectory(Directory(image)))
        case .ociArchive: try importLayout(ArchiveFiles(image))
        case .dockerArchive: try importDocker(ArchiveFiles(image))
        case .registry: try importRegistry(image)
        }
    }

    func finish(
        _ build: consuming LayerBuild,
        with tree: TemporaryTree,
        _ note: LayerNote
    ) throws(ImportError) -> LayerHold {
        do throws(StoreError) {
            return try store.finish(build, with: tree, note)
        } catch { throw .store(error) }
    }

    func commit(_ image: consuming VerifiedImage) throws(ImportError) -> StoredImage {
        let (names, warrant) = (image.names, image.warrant)
        try trusting { () throws(TrustError) in try trust.admit(names, warrant) }
        do throws(StoreError) { return try store.commit(image) } catch { throw .store(error) }
    }

    /// What tells whether the image is still the same: the file, or a layout's index, which names digests only.
    private func source(of image: borrowing Descriptor) -> ImageSource? {
        guard request.kind == .ociLayout else {
            return try? ImageSource(image, as: request.kind, tag: request.tag)
        }
        guard let directory = try? Directory(image.duplicate()),
            let index = try? directory.open("index.json", .nonBlocking)
        else { return nil }
        return try? ImageSource(index, as: request.kind, tag: request.tag)
    }
}
