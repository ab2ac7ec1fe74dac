internal import PodLifecycle
internal import Stage0

/// `rkt run`.
struct RunCommand: PodMakingCommand {
    static let name = "run"
    static let summary = "Run image(s) in a pod in rkt"
    static let usage = "[POD FLAGS] IMAGE [APP FLAGS] [-- ARGUMENTS [---]] ..."
    static let details = """
        IMAGE is an image of the store (a name or an ID), an ACI file, oci:DIRECTORY[:TAG], \
        oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG].

        Flags about an app follow its image. What stands between "--" and "---" (or the end) is added to the app's own \
        arguments, or follows --exec. Of variables, --environment wins over --set-env, that over --set-env-file, that over \
        the image.

        The exit code is that of the first app that fails, 128 and the signal's number for one that was killed, else 0.
        """

    static var flags: [Flag<Self>] {
        contentFlags + stage1Flags + appFlags + laterFlags + StartArguments.flags(\.start) + [
            .string("uuid-file-save", "write out pod UUID to specified file") { $0.uuidFile = $1 }
        ]
    }

    var arguments = PodArguments()
    private var start = StartArguments()
    private var uuidFile: String?

    mutating func run(_ context: Context) throws {
        try start.finish(context)
        let engine = try Engine(context, making: arguments)
        let (manifest, images) = try engine.resolve(arguments)
        try start.check(manifest)
        let pod = try engine.prepare(
            manifest,
            images,
            copiesRoots: arguments.copiesRoots,
            uuidFile: uuidFile
        )
        // Becomes the pod's supervisor and never returns.
        try engine.stage0.run(
            try pod.running(),
            manifest: manifest,
            options: start.options,
            warn: context.complain
        )
    }
}
