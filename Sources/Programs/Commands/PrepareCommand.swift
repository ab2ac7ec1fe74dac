internal import PodLifecycle

/// `rkt prepare`.
struct PrepareCommand: PodMakingCommand {
    static let name = "prepare"
    static let summary = "Prepare to run image(s) in a pod in rkt"
    static let usage = "[POD FLAGS] IMAGE [APP FLAGS] [-- ARGUMENTS [---]] ..."
    static let details = "Prints the UUID of a pod that rkt run-prepared starts."

    static var flags: [Flag<Self>] {
        contentFlags + stage1Flags + appFlags + laterFlags + [
            // Nothing but the UUID is printed anyway.
            .bool("quiet", "suppress superfluous output on stdout, print only the UUID on success")
            {
                _,
                _ in
            }
        ]
    }

    var arguments = PodArguments()

    mutating func run(_ context: Context) throws {
        let engine = try Engine(context, making: arguments)
        let (manifest, images) = try engine.resolve(arguments)
        let pod = try engine.prepare(manifest, images, copiesRoots: arguments.copiesRoots)
        context.print("\(try engine.keep(pod).uuid)")
    }
}
