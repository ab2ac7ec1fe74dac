internal import AppContainer
internal import ImageStorage
internal import Linux
internal import PodLifecycle
internal import References
internal import Stage0

/// The parts that a command needs to make and start pods, opened once.
struct Engine {
    private let context: Context
    let pods: PodsDirectory
    let stage0: Stage0
    private let library: String
    /// The stage1 of new pods; nil for the installed one.
    private let stage1: String?

    /// - Parameter arguments: what describes the pod that is to be made, if one is.
    init(_ context: Context, making arguments: PodArguments? = nil) throws {
        self.context = context
        if let remark = context.userNamespaceRemark { context.complain("warning: \(remark)") }
        stage1 = try arguments.flatMap { try context.stage1($0.stage1) }
        pods = try context.pods()
        library = Stage0.library(ofProgram: CurrentProcess.executablePath)
        stage0 = Stage0(library: library, dataDirectory: context.dataDirectory)
    }

    /// The images of a description and the manifest they amount to.
    func resolve(_ arguments: PodArguments) throws -> (PodManifest, [AssembledImage]) {
        if let file = arguments.manifestFile { return try manifest(in: file) }
        let progress = FetchProgress(context)
        let fetcher = try fetcher(arguments.pullPolicy ?? .new, progress)
        var images: [AssembledImage] = []
        for app in arguments.apps {
            defer { progress.end() }
            let image = try fetcher.resolve(app.image, signature: app.signature)
            images.append(try fetcher.assemble(image))
        }
        let manifest = try PodManifest(
            apps: arguments.apps,
            images: images.map(\.image),
            options: try arguments.podOptions()
        )
        warn(about: manifest, images)
        return (manifest, images)
    }

    private func fetcher(_ policy: PullPolicy, _ progress: FetchProgress) throws -> ImageFetcher {
        ImageFetcher(
            store: try store(),
            policy: policy,
            allowsUnsigned: context.options.insecure.contains(.image),
            keystore: context.keystore,
            network: context.network,
            process: FetcherProcess(program: library + "/rkt-fetcher"),
            reviewKey: context.keyReview,
            follow: progress.show
        )
    }

    /// A manifest of the user's own; its images must be in the store.
    private func manifest(in file: String) throws -> (PodManifest, [AssembledImage]) {
        var manifest: PodManifest
        do {
            manifest = try PodManifest(parsing: readHostFile(file, limit: 4 << 20))
        } catch {
            throw CommandError.failed("cannot read the pod manifest \"\(file)\": \(error)")
        }
        let fetcher = try fetcher(.never, FetchProgress(context))
        let images = try manifest.apps.map {
            try fetcher.assemble(fetcher.resolve(.hash($0.image.id)))
        }
        try manifest.complete(images: images.map(\.image))
        warn(about: manifest, images)
        return (manifest, images)
    }

    private func warn(about manifest: PodManifest, _ images: [AssembledImage]) {
        for warning in manifest.implicitVolumeWarnings() { context.complain(warning) }
        for image in images {
            if let warning = image.image.stopSignalWarning() {
                context.complain("warning: \(warning)")
            }
        }
    }

    /// A new pod with everything that it needs at its start; its UUID is written to a file first, if asked for.
    func prepare(
        _ manifest: PodManifest,
        _ images: [AssembledImage],
        copiesRoots: Bool,
        uuidFile: String? = nil
    ) throws -> PreparingPod {
        let pod = try pods.create().preparing()
        if let uuidFile { try save(pod.uuid, to: uuidFile) }
        try stage0.prepare(
            pod.directory,
            manifest: manifest,
            images: images.map(\.image),
            copiesRoots: copiesRoots,
            stage1: stage1
        )
        let store = try store()
        for id in images.flatMap({ [$0.image.id] + $0.dependencies }) {
            // Whoever removes an image looks at the pods' files after taking its record away.
            guard store.contains(id) else {
                throw CommandError.failed("image \"\(id)\" was removed meanwhile; try again")
            }
            store.recordUse(of: id)
        }
        return pod
    }

    /// Waits until a pod that was prepared, and the images that it uses, are on the disk.
    func keep(_ pod: consuming PreparingPod) throws -> PreparedPod {
        try store().settle()
        return try pod.prepared()
    }

    private func save(_ uuid: PodUUID, to path: String) throws {
        do {
            let file = try Descriptor.open(path, [.writeOnly, .create, .truncate], mode: 0o644)
            try file.write(Array("\(uuid)".utf8))
        } catch {
            throw CommandError.failed("cannot write the UUID to \"\(path)\": \(error)")
        }
    }

    private func store() throws -> ImageStore {
        do {
            return ImageStore(data: try Directory.making(path: context.dataDirectory, mode: 0o700))
        } catch {
            throw CommandError.failed("cannot open \"\(context.dataDirectory)\": \(error)")
        }
    }
}

extension PodArguments {
    /// What of the description stays with the pod.
    fileprivate func podOptions() throws -> PodOptions {
        var options = PodOptions()
        options.volumes = volumes
        options.mounts = mounts
        options.ports = ports
        if inheritsEnvironment {
            if let name = Environment.unreadable.first {
                throw CommandError.failed(
                    "cannot inherit the variable \"\(printable(name))\": it is not UTF-8"
                )
            }
            options.inheritedEnvironment = Environment.entries
                .compactMap(EnvironmentVariable.init(assignment:))
        }
        var files: [[EnvironmentVariable]] = []
        for path in environmentFiles {
            let bytes: [UInt8]
            do {
                bytes = try readHostFile(path, limit: 4 << 20)
            } catch {
                throw CommandError.failed("cannot read \"\(path)\": \(error)")
            }
            files.append(try AppEnvironment.parse(file: bytes, path: path))
        }
        options.environment = AppEnvironment.merged(files + [environment])
        return options
    }
}
