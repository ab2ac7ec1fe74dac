internal import Cgroups
internal import Commands
internal import ImageBuilding
internal import JSON
internal import Linux
internal import PodLifecycle
internal import Stage0

/// `acbuild end`.
struct EndVerb: BuildVerb {
    static let name = "end"
    static let summary = "End the build and remove everything of it"
    static let usage = ""
    var common = BuildOptions()

    mutating func run(_ context: Context) throws {
        try refuseModify()
        try context.refuseArguments()
        try BuildContext.end(workPath: common.workPath) { (path) in
            try StepPods.collect(in: path)
        }
    }
}

/// The pods in which steps ran.
enum StepPods {
    /// Where the programs lie that make a pod.
    static var library: String { Stage0.library(ofProgram: CurrentProcess.executablePath) }

    /// Removes what is left of pods, with everything that still runs in them.
    static func collect(in workshop: String) throws {
        let collection = GarbageCollection(
            try PodsDirectory(dataDirectory: workshop),
            release: { pod in try CgroupRemoval.remove(pod.cgroups()) },
            report: { _ in }
        )
        try collection.mark()
        try collection.sweep(grace: 0)
    }
}

/// `acbuild layer`.
struct LayerVerb: ChangingVerb {
    static let name = "layer"
    static let summary = "Begin another layer of an OCI image"
    static let usage = ""
    var common = BuildOptions()

    mutating func change(_ build: inout BuildContext, _ context: Context) throws {
        try context.refuseArguments()
        guard build.draft.format == .oci else { throw BuildError.unsupported("layer", in: .appc) }
        var draft = build.draft
        draft.layers.append(try build.workshop.makeLayer(build.date))
        try build.update(draft)
    }
}

/// `acbuild cat-manifest`.
struct CatManifestVerb: BuildVerb {
    static let name = "cat-manifest"
    static let summary = "Print the manifest of the ACI, or the configuration of the OCI image"
    static let usage = "[--pretty-print] [ACI]"
    static let details = """
        Prints it of the build, or of the ACI in a file as it stands there.
        """
    static let needsUserNamespace = false
    static var ownFlags: [Flag<Self>] {
        [.bool("pretty-print", "print it with one value a line") { $0.isPretty = $1 }]
    }
    var common = BuildOptions()
    private var isPretty = false

    init() {}

    mutating func run(_ context: Context) throws {
        let manifest: JSON
        if let file = context.arguments.first {
            guard context.arguments.count == 1 else {
                throw CommandError.usage("unexpected argument \"\(context.arguments[1])\"")
            }
            try refuseModify()
            let bytes = try ACICheck.manifest(ofImage: file)
            guard isPretty else { return context.print(String(decoding: bytes, as: UTF8.self)) }
            manifest = try JSON.parse(bytes)
        } else if let image = common.modified {
            manifest = try ModifiedImage(path: image, format: common.modifiedFormat, context)
                .read { (build) in build.draft.manifest }
        } else {
            manifest = try BuildContext(workPath: common.workPath).draft.manifest
        }
        context.print(manifest.encoded(isPretty ? .spaces(4) : .compact))
    }
}

/// `acbuild version`.
struct VersionVerb: BuildVerb {
    static let name = "version"
    static let summary = "Print the version"
    static let usage = ""
    static let needsUserNamespace = false
    var common = BuildOptions()

    mutating func run(_ context: Context) throws {
        try refuseModify()
        context.print("acbuild version \(Version.rkt)")
        context.print("appc version \(Version.appContainer)")
    }
}

/// `acbuild help`.
struct HelpVerb: BuildVerb {
    static let name = "help"
    static let summary = "Show a list of commands, or help on one"
    static let usage = "[COMMAND]"
    static let needsUserNamespace = false
    var common = BuildOptions()

    mutating func run(_ context: Context) throws {
        let words = context.arguments.enumerated().map { Acbuild.canonical($1, at: $0) }
        guard !words.isEmpty else {
            context.print(Help.overview(Acbuild.program), terminator: "")
            return
        }
        switch try CommandName.find(words, among: Acbuild.commands) {
        case .command(let command):
            context.print(Help.command(command, of: "acbuild"), terminator: "")
        case .group:
            let text = Help.group(words, among: Acbuild.commands, of: "acbuild")
            context.print(text, terminator: "")
        }
    }
}

extension BuildVerb {
    /// Some verbs have no meaning without a build.
    func refuseModify() throws(CommandError) {
        guard common.modified == nil else {
            throw .usage("\(Self.name) can't be used with --modify")
        }
    }
}
