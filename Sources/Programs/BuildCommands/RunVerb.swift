internal import AppContainer
internal import Commands
internal import ImageBuilding
internal import ImageStorage
internal import Linux
internal import References
internal import Stage0

/// `acbuild run`.
struct RunVerb: ChangingVerb {
    static let name = "run"
    static let summary = "Run a program in the image; what it changes stays"
    static let usage =
        "[--working-dir=DIRECTORY] [--net=host|none] [--engine=ENGINE] [--] PROGRAM [ARGUMENT...]"
    static let details = """
        The program runs as root of the image in a pod of its own, with the image's environment and the host's network,
        and is confined as any app is. If it fails, the image stays as it was.

        All engines are the same one. With --engine=chroot, as in acbuild, the program's exit code is acbuild's.
        """
    static var ownFlags: [Flag<Self>] {
        [
            .string("working-dir", "where in the image the program runs") {
                $0.workingDirectory = $1
            },
            .string("net", default: "host", "the network: host or none") {
                verb,
                text throws(CommandError) in
                guard ["host", "none"].contains(text) else {
                    throw .value("it is not host or none")
                }
                verb.hasNetwork = text == "host"
            },
            .string("engine", default: "rkt", "rkt, systemd-nspawn or chroot") {
                verb,
                text throws(CommandError) in
                guard ["rkt", "systemd-nspawn", "chroot"].contains(text) else {
                    throw .value("it is not rkt, systemd-nspawn or chroot")
                }
                verb.passesExitCode = text == "chroot"
            },
            .bool("insecure", "take dependencies without checking their signatures") {
                $0.isInsecure = $1
            },
        ]
    }
    var common = BuildOptions()
    private var workingDirectory: String?
    private var hasNetwork = true
    private var passesExitCode = false
    private var isInsecure = false

    init() {}

    mutating func parse(_ arguments: inout ArgumentParser<Self>) throws(CommandError) -> [String] {
        try parseProgram(&arguments)
    }

    mutating func change(_ build: inout BuildContext, _ context: Context) throws {
        guard !context.arguments.isEmpty else {
            throw CommandError.usage("the program to run is missing (see --help)")
        }
        if let remark = context.userNamespaceRemark { context.complain("warning: \(remark)") }
        let draft = try noted(build.draft, context.arguments, build, changesFiles: true)
        var app = try build.draft.app(running: context.arguments)
        if let workingDirectory { app.workingDirectory = workingDirectory }
        var run = StepRun(app, library: StepPods.library, warn: context.complain)
        run.network = hasNetwork ? .host : .none
        do {
            let below = try dependencies(of: build, context)
            let changes = try run.run(
                above: below.layers + build.draft.layers,
                in: build.workshop
            )
            defer { changes.release(in: build.workshop) }
            try build.change(draft, adopting: changes)
        } catch BuildError.program(let code) where passesExitCode {
            throw CommandError.exit(code)
        }
    }

    /// The layers of the images that this one is built on, and what keeps a rendered tree among them.
    private func dependencies(
        of build: borrowing BuildContext,
        _ context: Context
    ) throws -> (layers: [LayerID], hold: LayerHold?) {
        guard case .appc(let manifest) = build.draft.content, !manifest.dependencies.isEmpty
        else { return ([], nil) }
        let beginning = Beginning(context: context, format: .appc, isInsecure: isInsecure)
        let assembly = try ImageAssembly(
            dependencies: manifest.dependencies,
            of: manifest.name.text
        ) { (dependency) throws(FetchError) in
            try beginning.image(of: dependency, in: build.workshop, build.date)
        }
        return try ImageStore(data: build.workshop.directory.duplicate()).layers(of: assembly)
    }
}

extension ImageDraft {
    /// A program that runs in this image as its root.
    func app(running words: [String]) throws -> App {
        var app = App(exec: words)
        switch content {
        case .appc(let manifest): app.environment = manifest.app?.environment ?? []
        case .oci(let content): app.environment = try App(content.configuration).environment
        }
        return app
    }
}
