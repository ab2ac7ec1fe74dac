internal import Linux
internal import PodLifecycle
internal import PodNetworking

/// A command that rkt starts by itself and help doesn't tell about.
protocol InternalCommand: Command {}

/// `rkt network-release`, by which a pod's supervisor gives back networks of plugins when the pod has ended.
struct NetworkReleaseCommand: InternalCommand {
    static let name = "network-release"
    static let summary = "Give back the networks of a pod that has ended"
    static let usage = "--plugins=DIRECTORIES [--with-namespace] UUID"

    static var flags: [Flag<Self>] {
        [
            .string("plugins", "the directories of plugins, with colons between them") {
                $0.plugins = $1
            },
            .bool("with-namespace", "whoever calls holds the pod's network namespace open") {
                $0.namespace = $1 ? .kept : .gone
            },
        ]
    }

    private var plugins = ""
    private var namespace = PluginRuntime.EndedNamespace.gone

    mutating func run(_ context: Context) throws {
        guard context.arguments.count == 1, let uuid = PodUUID(context.arguments[0]) else {
            throw CommandError.usage("must provide one pod UUID")
        }
        let search = PluginSearch(directories: plugins.split(separator: ":").map(String.init))
        try PluginRuntime(search).release(context.pods().observe(uuid).directory, namespace)
    }
}
