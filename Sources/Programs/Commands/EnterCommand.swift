internal import AppContainer
internal import Linux
internal import PodLifecycle
internal import Stage0

/// `rkt enter`.
struct EnterCommand: Command {
    static let name = "enter"
    static let summary = "Enter the namespaces of an app within a rkt pod"
    static let usage = "[--app APPNAME] UUID [CMD [ARGS ...]]"
    static let details = """
        Runs a command (/bin/bash unless given) in a running app, as the app's user and under everything that confines the app: \
        its cgroup, AppArmor profile, capabilities, system call filter and limits.

        To get more, say so: --insecure-options=capabilities, seccomp or paths (the AppArmor profile), or all-run, takes that \
        protection off the command, and --user=root makes it root of the pod.
        """

    static var flags: [Flag<Self>] {
        [
            .string("app", "name of the app to enter within the specified pod") { $0.app = $1 },
            .string("user", "user in the app, instead of the app's own") { $0.user = $1 },
            .string("group", "group in the app, instead of the app's own") { $0.group = $1 },
        ]
    }

    private var app: String?
    private var user: String?
    private var group: String?

    /// Flags stop at the UUID: what follows is the command's.
    mutating func parse(
        _ arguments: inout ArgumentParser<Self>
    ) throws(CommandError) -> [String] {
        try arguments.takeFlags(into: &self)
        return arguments.takeRest()
    }

    mutating func run(_ context: Context) throws {
        guard let prefix = context.arguments.first else {
            throw CommandError.usage("must provide the pod UUID")
        }
        let pods = try context.pods()
        let uuid = try pods.find(prefix)
        // A pod that runs may be just about to start the app; one that doesn't may never.
        guard try pods.observe(uuid).state() == .running, try pods.waitUntilReady(uuid, .never)
        else {
            throw CommandError.failed("pod \"\(uuid)\" isn't currently running")
        }
        let pod = try pods.observe(uuid)
        let app = try appName(in: pod.manifest())
        try joinUserNamespace(of: pod)
        let stage0 = Stage0(
            library: Stage0.library(ofProgram: CurrentProcess.executablePath),
            dataDirectory: context.dataDirectory
        )
        try stage0.enter(pod, app: app, options: options(context))
    }

    private func options(_ context: Context) -> EnterOptions {
        var command = Array(context.arguments.dropFirst())
        if command.first == "--" { command.removeFirst() }
        if command.isEmpty {
            context.complain("no command specified, assuming \"/bin/bash\"")
            command = ["/bin/bash"]
        }
        var options = EnterOptions(command: command)
        if let terminal = Environment["TERM"], !terminal.isEmpty { options.terminal = terminal }
        options.hasTerminal = StandardStream.input.isTerminal && StandardStream.output.isTerminal
        options.user = user
        options.group = group
        options.insecure = SandboxOpenings(context.options.insecure)
        return options
    }

    private func appName(in manifest: PodManifest) throws -> String {
        let names = manifest.apps.map(\.name.text)
        if let app {
            guard names.contains(app) else {
                throw CommandError.failed("pod has no app \"\(app)\"")
            }
            return app
        }
        guard names.count == 1 else {
            throw CommandError.failed(
                "pod contains multiple apps, specify one with --app: "
                    + names.joined(separator: ", ")
            )
        }
        return names[0]
    }

    /// An ordinary user's pod has a user namespace of its own, in which we have to be root first.
    private func joinUserNamespace(of pod: borrowing ObservedPod) throws {
        guard CurrentProcess.effectiveUser != 0 else { return }
        let file = try pod.directory.readFile(PodFile.supervisor, limit: 64)
        let digits = String(decoding: file.prefix { $0 != 0x0A }, as: UTF8.self)
        guard let supervisor = Int32(digits) else {
            throw CommandError.failed("pod \"\(pod.uuid)\" isn't currently running")
        }
        try Rootless.join(supervisor: supervisor)
    }
}
