internal import AppContainer
internal import ImageStorage
internal import PodNetworking
internal import Stage0

/// What `run` and `prepare` read from their command lines: images, each with what follows it, and the pod's own flags.
///
/// The grammar is rkt's: flags may stand anywhere; those about an app belong to the image before them; `--` begins
/// the arguments of the last image and `---` ends them.
struct PodArguments {
    private(set) var apps: [AppOptions] = []
    var volumes: [Volume] = []
    /// Ports of the host that lead to the pod.
    private(set) var ports: [ExposedPort] = []
    /// Mounts that stand before the first image: every app's.
    private(set) var mounts: [Mount] = []
    private(set) var environment: [EnvironmentVariable] = []
    var environmentFiles: [String] = []
    var inheritsEnvironment = false
    var copiesRoots = false
    var pullPolicy: PullPolicy?
    var manifestFile: String?
    private(set) var stage1: Stage1Choice?
    private var hasArguments = false

    /// Begins another app.
    mutating func add(image: String) {
        apps.append(AppOptions(image: image))
        hasArguments = false
    }

    /// Gives the last image the arguments that follow, up to a lone `---`; a `--` among them is one of them.
    mutating func takeAppArguments<C>(_ parser: inout ArgumentParser<C>) throws(CommandError) {
        guard !apps.isEmpty else {
            throw .usage("an image is required before any app arguments")
        }
        guard !hasArguments else {
            throw .usage("only one set of app arguments allowed per image")
        }
        hasArguments = true
        while let argument = parser.take(), argument != "---" {
            apps[apps.count - 1].arguments.append(argument)
        }
    }

    /// Leads a port of the host to the pod.
    mutating func add(port text: String) throws(CommandError) {
        do {
            ports.append(try PortRequest(text).manifestEntry)
        } catch {
            throw .value("\(error)")
        }
    }

    /// Changes the app that a flag belongs to.
    mutating func changeApp(
        _ flag: String,
        _ change: (inout AppOptions) throws(CommandError) -> Void
    ) throws(CommandError) {
        guard !apps.isEmpty else { throw .usage("--\(flag) must follow an image") }
        try change(&apps[apps.count - 1])
    }

    /// Adds a mount to the last image, or to all of them if there is none yet.
    mutating func add(_ mount: Mount) {
        if apps.isEmpty { mounts.append(mount) } else { apps[apps.count - 1].mounts.append(mount) }
    }

    /// Chooses the pod's stage1.
    mutating func choose(_ choice: Stage1Choice) throws(CommandError) {
        if let stage1 {
            let (first, second) = (stage1.flag, choice.flag)
            throw .usage(
                first == second
                    ? "--\(second) already used"
                    : "flags --\(first) and --\(second) are mutually exclusive"
            )
        }
        stage1 = choice
    }

    /// Adds a variable of every app.
    mutating func set(_ variable: EnvironmentVariable) throws(CommandError) {
        guard !environment.contains(where: { $0.name == variable.name }) else {
            throw .value("environment variable \"\(variable.name)\" is set twice")
        }
        environment.append(variable)
    }

    /// Refuses what can't go together, before anything is looked up.
    func check() throws(CommandError) {
        if manifestFile != nil {
            guard apps.isEmpty, volumes.isEmpty, mounts.isEmpty, ports.isEmpty, environment.isEmpty,
                environmentFiles.isEmpty, !inheritsEnvironment,
                pullPolicy == nil || pullPolicy == .new
            else { throw .usage("conflicting flags set with --pod-manifest (see --help)") }
            return
        }
        guard !apps.isEmpty else {
            throw .usage("must provide at least one image or specify the pod manifest")
        }
        for mount in mounts + apps.flatMap(\.mounts)
        where !volumes.contains(where: { $0.name == mount.volume }) {
            throw .usage(
                "dangling mount point \"\(mount.path)\": volume \"\(mount.volume)\" not found"
            )
        }
    }
}
