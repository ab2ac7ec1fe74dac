internal import AppContainer
internal import ImageStorage
internal import JSON
internal import Linux
internal import OCI
internal import References

/// `rkt fetch`.
struct FetchCommand: Command {
    static let name = "fetch"
    static let summary = "Fetch image(s) and store them in the local store"
    static let usage = """
        [--pull-policy=POLICY] [--full] [--format=json|json-pretty] IMAGE [--signature=FILE] ...
        """
    static let details = """
        Imports images and prints their IDs. An image is an ACI file, or an image in
        oci:DIRECTORY[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG].
        An ACI needs a signature by a trusted key (see rkt trust): the file IMAGE.asc
        beside it, or the one given by --signature behind it.
        """
    static let needsUserNamespace = true
    /// Digits of an ID unless all are wanted.
    private static let digits = 32

    static var flags: [Flag<Self>] {
        [
            .bool("full", "print the full image ID after fetching") { $0.isFull = $1 },
            OutputFormat.flag { $0.format = $1 },
            .string("arch", "fetch a registry's image for this architecture") {
                $0.architecture = $1
            },
            .string("os", default: "linux", "fetch a registry's image for this system") {
                $0.system = $1
            },
            .string("pull-policy", default: "update", "when to pull an image: never, new, update") {
                command,
                text throws(CommandError) in
                guard let policy = PullPolicy(rawValue: text) else {
                    throw .value("it is not \"never\", \"new\" or \"update\"")
                }
                try command.policy.set(policy)
            },
            .bool("store-only", "the same as --pull-policy=never") {
                command,
                isOn throws(CommandError) in
                if isOn { try command.policy.set(.never) }
            },
            .bool("no-store", "the same as --pull-policy=update") {
                command,
                isOn throws(CommandError) in
                if isOn { try command.policy.set(.update) }
            },
            .string("signature", "local signature file to use for the image before it") {
                command,
                text throws(CommandError) in
                guard let last = command.signatures.indices.last else {
                    throw .usage("--signature must follow an image")
                }
                guard command.signatures[last] == nil else {
                    throw .value("--signature is given twice for one image")
                }
                command.signatures[last] = text
            },
        ]
    }

    private var isFull = false
    private var format = OutputFormat.text
    private var policy: PullPolicy?
    private var architecture: String?
    private var system: String?

    /// The platform asked for; nil for this machine's.
    private var platform: Platform? {
        Platform(operatingSystem: system, appcArchitecture: architecture)
    }
    /// One for each image so far.
    private var signatures: [String?] = []

    /// Each signature belongs to the image before it.
    mutating func parse(
        _ arguments: inout ArgumentParser<Self>
    ) throws(CommandError) -> [String] {
        var images: [String] = []
        while true {
            try arguments.takeFlags(into: &self)
            guard let argument = arguments.take() else { return images }
            guard argument != "--" else { throw .usage("app arguments unsupported") }
            images.append(argument)
            signatures.append(nil)
        }
    }

    mutating func run(_ context: Context) throws {
        guard !context.arguments.isEmpty else {
            throw CommandError.usage("must provide at least one image")
        }
        if let remark = context.userNamespaceRemark { context.complain("warning: \(remark)") }
        let progress = FetchProgress(context, asJSON: format != .text)
        var network = context.network
        network.platform = platform
        let fetcher = ImageFetcher(
            store: try context.imageStore(),
            policy: policy ?? .update,
            dependencyPolicy: policy ?? .new,
            allowsUnsigned: context.options.insecure.contains(.image),
            keystore: context.keystore,
            network: network,
            reviewKey: context.keyReview,
            follow: progress.show
        )
        var images: [StoredImage] = []
        for (argument, signature) in zip(context.arguments, signatures) {
            defer { progress.end() }
            let image = try fetcher.resolve(argument, signature: signature)
            try fetcher.gather(image)
            images.append(image)
            if format == .text {
                context.print(isFull ? image.id.description : image.id.abbreviated(to: Self.digits))
            }
        }
        let list = JSON.array(
            images.map {
                .object([
                    .init("id", .string($0.id.description)), .init("name", .string($0.displayName)),
                ])
            }
        )
        if let json = format.encoded(list) { context.print(json) }
    }
}

extension PullPolicy? {
    /// Chooses one of the flags that say the same in several ways; two of them can't differ.
    mutating func set(_ policy: PullPolicy) throws(CommandError) {
        if let self, self != policy {
            throw .value("a flag before it says --pull-policy=\(self.rawValue)")
        }
        self = policy
    }
}

extension Context {
    /// The images of the data directory, which is made if it isn't there.
    func imageStore() throws -> ImageStore {
        do {
            return ImageStore(data: try Directory.making(path: dataDirectory, mode: 0o700))
        } catch {
            throw CommandError.failed("cannot open \"\(dataDirectory)\": \(error)")
        }
    }
}

extension ImageStore {
    /// The image of an argument of `rkt image …`: the beginning of an ID, or a name.
    func find(_ argument: String) throws -> StoredImage {
        switch try ImageReference(argument, pathKind: { _ in .missing }) {
        case .hash(let hash): try resolve(hash)
        case .appc(let name): try resolve(name)
        case .hosted(let name): try resolve(name)
        case .docker(let reference): try resolve(LabelledName(reference))
        default: throw CommandError.usage("\"\(argument)\" is not an image ID or name")
        }
    }

    /// The ID of the image of an argument; given by its ID, the image may be damaged.
    func identify(_ argument: String) throws -> ImageID {
        if let hash = try? ImageHash(argument) { return try identify(hash) }
        return try find(argument).id
    }
}
