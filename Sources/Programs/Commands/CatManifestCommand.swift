internal import JSON
internal import PodLifecycle

/// `rkt cat-manifest`.
struct CatManifestCommand: Command {
    static let name = "cat-manifest"
    static let summary = "Inspect and print the pod manifest"
    static let usage = "[--pretty-print=true|false] UUID"

    static var flags: [Flag<Self>] {
        [
            .bool("pretty-print", default: true, "apply indent to format the output") {
                $0.isPretty = $1
            },
            PodOperands.flag(\.pods),
        ]
    }

    private var isPretty = true
    private var pods = PodOperands()

    mutating func run(_ context: Context) throws {
        let directory = try context.pods()
        let pod = try directory.observe(pods.one(context, in: directory))
        let manifest = try JSON.parse(try pod.manifestText())
        context.print(manifest.printable(isPretty ? .tabs : .compact))
    }
}
