internal import Commands
internal import Containerfiles
internal import ImageBuilding
internal import ImageStorage
internal import Linux
internal import References

/// `acbuild build`, which is also `rkt build`.
struct ContainerfileVerb: BuildVerb {
    static let name = "build"
    static let summary = "Build the image of a Containerfile"
    static let usage =
        "[--file=FILE] [--tag=NAME[:TAG]] [--output=FILE] [--build-arg=NAME=VALUE ...] [CONTEXT]"
    static let details = """
        CONTEXT is the directory that files are copied from, "." unless it is told; without --file its Containerfile or
        Dockerfile is built. The image goes into rkt's store under the name of --tag, to the file or layout of --output, or
        both. Steps whose result is known aren't run again.
        """
    static var ownFlags: [Flag<Self>] {
        [
            .string("build-arg", "the value of an argument, NAME=VALUE or NAME of a variable here")
            {
                verb,
                text throws(CommandError) in
                let parts = text.split(
                    separator: "=",
                    maxSplits: 1,
                    omittingEmptySubsequences: false
                )
                let value = parts.count > 1 ? String(parts[1]) : Environment[text]
                verb.options.arguments[String(parts[0])] = value
            },
            .string("build-mode", default: "oci", "the format of the image: appc or oci") {
                verb,
                text throws(CommandError) in
                guard let format = ImageFormat(rawValue: text) else {
                    throw .value("it is not appc or oci")
                }
                verb.format = format
            },
            .string("compression", default: "gzip", "how layers are packed: gzip, zstd or none") {
                verb,
                text throws(CommandError) in
                guard let compression = LayerCompression(rawValue: text) else {
                    throw .value("it is not gzip, zstd or none")
                }
                verb.compression = compression
            },
            .string("file", "the Containerfile, \"-\" for standard input") { $0.file = $1 }
                .short("f"),
            .bool("insecure", "take images without checking their signatures") {
                $0.isInsecure = $1
            },
            .string("network", default: "host", "the network of steps: host or none") {
                verb,
                text throws(CommandError) in
                guard ["host", "none"].contains(text) else {
                    throw .value("it is not host or none")
                }
                verb.options.network = text
            },
            .bool("no-cache", "run every step, whatever is known") {
                $0.options.ignoresCache = $1
            },
            .string("output", "where the image is written, a file or oci:DIRECTORY") {
                $0.output = $1
            }.short("o"),
            .bool("overwrite", "replace a file that is there") { $0.overwrites = $1 },
            .bool("quiet", "print nothing but the image ID") { $0.isQuiet = $1 }.short("q"),
            .string("secret", "a secret of steps, id=ID,src=FILE or id=ID,env=VARIABLE") {
                verb,
                text throws(CommandError) in
                let (id, secret) = try SecretFlag.read(text)
                verb.options.secrets[id] = secret
            },
            .string("tag", "the name of the image in rkt's store") { $0.tag = $1 }.short("t"),
            .string("target", "the stage to build") { $0.options.target = $1 },
        ]
    }
    var common = BuildOptions()
    var file: String?
    private var options = ContainerfileBuild.Options()
    private var format = ImageFormat.oci
    private var compression = LayerCompression.gzip
    private var isInsecure = false
    private var isQuiet = false
    private var output: String?
    private var overwrites = false
    private var tag: String?

    init() {}

    mutating func run(_ context: Context) throws {
        try refuseModify()
        guard context.arguments.count <= 1 else {
            throw CommandError.usage("build takes one directory (see --help)")
        }
        guard tag != nil || output != nil else {
            throw CommandError.usage("say where the image goes: --tag or --output (see --help)")
        }
        if let remark = context.userNamespaceRemark { context.complain("warning: \(remark)") }
        let name = try tag.map(ImageTag.init)
        let directory = context.arguments.first ?? "."
        let (containerfile, path) = try containerfile(in: directory)
        let workshop = try BuildCache.open(context.dataDirectory)
        let beginning = Beginning(context: context, format: .oci, isInsecure: isInsecure)
        let isQuiet = isQuiet
        let date = try SourceDate.fromEnvironment()
        let build = try ContainerfileBuild(
            containerfile,
            context: try Self.context(directory),
            options: options,
            workshop: workshop,
            library: StepPods.library,
            base: { (workshop, name) in
                let isLocal = ["oci:", "oci-archive:", "docker-archive:", ".", "/"]
                    .contains(where: name.hasPrefix)
                return try .init(beginning.stored(name, isLocal: isLocal, in: workshop, date))
            },
            download: { (workshop, url, isChecked) in
                try beginning.download(url, isChecked: isChecked, in: workshop)
            },
            report: { (line, text, isKnown) in
                if !isQuiet { context.complain("\(isKnown ? "known" : "step"): \(text)") }
            },
            warn: context.complain
        )
        var (draft, key): (ImageDraft, String)
        do { (draft, key) = try build.image() } catch let error as ContainerfileError {
            throw CommandError.failed("\(path): \(error)")
        }
        if let name { try name.apply(to: &draft) }
        if format == .appc { draft = try draft.asACI() }
        if let output {
            let id = try write(draft, of: build, to: output, context)
            if tag == nil { return context.print(id) }
        }
        if tag != nil {
            let id = try store(draft, key: key, of: build, context)
            context.print(id)
        }
    }

    private func containerfile(in directory: String) throws -> (Containerfile, String) {
        let names =
            file.map { [$0] }
            ?? ["\(directory)/Containerfile", "\(directory)/Dockerfile"]
        let path = names.first { ImageFetcher.pathKind($0) == .file } ?? names[0]
        let bytes = try readFile(path)
        do throws(ContainerfileError) {
            return (try Containerfile(bytes), path)
        } catch { throw CommandError.failed("\(path): \(error)") }
    }

    private static func context(_ path: String) throws -> MergedDirectory {
        do throws(Errno) {
            return MergedDirectory(layer: try Directory(path: path))
        } catch { throw CommandError.failed("cannot open \"\(path)\": \(error)") }
    }

    private func write(
        _ draft: ImageDraft,
        of build: ContainerfileBuild,
        to path: String,
        overwrites: Bool? = nil,
        _ context: Context
    ) throws -> String {
        var output = ImageOutput(
            target: path,
            overwrites: overwrites ?? self.overwrites,
            compression: compression,
            context: context
        )
        output.isFinal = true
        return try output.write(draft, from: build.workshop, date: build.date)
    }

    /// Puts the image into rkt's store, unless the same build has put it there already.
    private func store(
        _ draft: ImageDraft,
        key: String,
        of build: ContainerfileBuild,
        _ context: Context
    ) throws -> String {
        let data = try Directory.making(path: context.dataDirectory, mode: 0o700)
        let known = BuildResults(build.workshop, key: "\(key) \(tag ?? "") \(format.rawValue)")
        if !options.ignoresCache, let id = known.id,
            try ImageStore(data: data.duplicate()).image(id) != nil
        {
            return id.description
        }
        let name = "result-\(randomHex(bytes: 6))"
        let path = "\(build.workshop.path)/\(name)"
        defer { try? build.workshop.directory.removeTree(name) }
        _ = try write(draft, of: build, to: path, overwrites: false, context)
        let progress = FetchProgress(context)
        defer { progress.end() }
        let fetcher = ImageFetcher(
            store: ImageStore(data: data),
            policy: .update,
            allowsUnsigned: true,
            keystore: context.keystore,
            network: context.network,
            follow: progress.show
        )
        let reference = draft.format == .oci ? "oci-archive:\(path)" : path
        let image = try fetcher.resolve(reference)
        known.remember(image.id)
        return image.id.description
    }
}
