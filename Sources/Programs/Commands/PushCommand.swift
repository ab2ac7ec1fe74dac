internal import AppContainer
internal import ImageStorage
internal import JSON
internal import Linux
internal import OCI
internal import References

/// `rkt push`.
struct PushCommand: Command {
    static let name = "push"
    static let summary = "Push an image of the local store to a registry"
    static let usage = "[--format=json|json-pretty] IMAGE docker://REFERENCE"
    static let details = """
        Brings a stored image to a registry and prints the digest that it has there: byte for byte as
        it came if it came from a registry, else packed anew. Of an ACI an OCI image is made, with all
        that it depends on. Blobs that the registry has are not sent again.
        """
    static let needsUserNamespace = true

    static var flags: [Flag<Self>] { [OutputFormat.flag { $0.format = $1 }] }

    private var format = OutputFormat.text

    mutating func run(_ context: Context) throws {
        guard context.arguments.count == 2 else {
            throw CommandError.usage("must provide an image and where to push it")
        }
        let store = try context.imageStore()
        let image = try store.find(context.arguments[0])
        let target = try Self.target(context.arguments[1])
        let manifest = try store.manifestDigest(of: image) ?? packed(image, store, context)
        let sources = image.names.compactMap(Self.repository)
        let progress = FetchProgress(context, verb: "Pushing")
        defer { progress.end() }
        let request = NetworkRequest(
            .push(target.registryImage, manifest: manifest, sources: sources),
            context.network
        )
        do throws(FetchError) {
            _ = try FetcherProcess().perform(
                request,
                on: target.description,
                in: store.data,
                follow: progress.show
            )
        } catch {
            guard case .refused(let place, let reason) = error else { throw error }
            throw CommandError.failed("cannot push to \"\(place)\": \(reason)")
        }
        progress.end()
        let result = JSON.object([
            .init("digest", .string(manifest.description)),
            .init("reference", .string(target.description)),
        ])
        context.print(format.encoded(result) ?? manifest.description)
    }

    /// Packs the layers of an image whose blobs aren't all kept; its manifest's digest.
    private func packed(
        _ image: StoredImage,
        _ store: borrowing ImageStore,
        _ context: Context
    ) throws -> Digest {
        // A rendered tree stays until it is packed.
        let whole = try context.storedImages().assemble(image)
        let request = ExportRequest(whole.image, as: .blobs, to: "images", isWhole: true)
        return try Digest(context.export(request, from: store, whole))
    }

    /// The repository that a name stands for: a registry's port has an underscore in a name.
    private static func repository(_ name: LabelledName) -> NetworkRequest.RegistryImage? {
        var parts = name.name.text.split(separator: "/", maxSplits: 1).map(String.init)
        if let place = parts.first?.lastIndex(of: "_"),
            let port = parts.first.flatMap({ UInt16($0[$0.index(after: place)...]) })
        {
            parts[0] = "\(parts[0][..<place]):\(port)"
        }
        return (try? DockerReference(parts.joined(separator: "/")))?.registryImage
    }

    private static func target(_ text: String) throws -> DockerReference {
        guard case .docker(let target) = try ImageReference(text, pathKind: { _ in .missing })
        else {
            throw CommandError.usage(
                "\"\(text)\" is not a place in a registry (docker://REFERENCE)"
            )
        }
        guard target.digest == nil else {
            throw CommandError.usage("\"\(text)\": an image is pushed to a tag, not to a digest")
        }
        return target
    }
}

extension ImageStore {
    /// The manifest that an image came with, if all that it names is kept.
    fileprivate func manifestDigest(of image: StoredImage) -> Digest? {
        for text in image.blobs {
            guard let digest = try? Digest(text), let bytes = try? blob(text),
                bytes.count <= Limits.document,
                case .manifest(let manifest)? = try? ImageDocument(parsing: bytes),
                "sha256-\(manifest.configuration.digest.hex)" == image.id.description,
                manifest.layers.allSatisfy({ image.blobs.contains($0.digest.description) })
            else { continue }
            return digest
        }
        return nil
    }
}
