internal import PodLifecycle
internal import Stage0

/// `rkt run-prepared`.
struct RunPreparedCommand: Command {
    static let name = "run-prepared"
    static let summary = "Run a prepared application pod in rkt"
    static let usage = "[FLAGS] UUID"
    static var needsUserNamespace: Bool { true }

    static var flags: [Flag<Self>] { StartArguments.flags(\.start) }

    private var start = StartArguments()

    mutating func run(_ context: Context) throws {
        guard context.arguments.count == 1 else {
            throw CommandError.usage("must provide one pod UUID")
        }
        try start.finish(context)
        let engine = try Engine(context)
        let uuid = try engine.pods.find(context.arguments[0])
        let manifest = try engine.pods.observe(uuid).manifest()
        try start.check(manifest)
        try engine.stage0.run(
            try engine.pods.claimPrepared(uuid).running(),
            manifest: manifest,
            options: start.options,
            warn: context.complain
        )
    }
}
