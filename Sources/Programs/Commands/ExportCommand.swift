internal import AppContainer
internal import ImageStorage
internal import JSON
internal import Linux
internal import PodLifecycle
internal import References
internal import Stage0

/// `rkt export`.
struct ExportCommand: Command {
    static let name = "export"
    static let summary = "Export an app from an exited pod to an ACI file"
    static let usage = "[--app=APPNAME] [--overwrite] UUID FILE.aci"
    static let details = """
        Writes an app's root file system, with all that the app has changed, and the manifest of its image into an ACI, and
        prints its ID. The pod must have exited.
        """
    static let needsUserNamespace = true

    static var flags: [Flag<Self>] {
        [
            .string("app", "name of the app to export within the specified pod") { $0.app = $1 },
            .bool("overwrite", "overwrite output ACI") { $0.overwrites = $1 },
        ]
    }

    private var app: String?
    private var overwrites = false

    mutating func run(_ context: Context) throws {
        guard context.arguments.count == 2 else {
            throw CommandError.usage("must provide a pod UUID and the name of a file")
        }
        let (prefix, file) = (context.arguments[0], context.arguments[1])
        guard file.hasSuffix(".aci") else {
            throw CommandError.usage("\"\(file)\" doesn't end in .aci")
        }
        let pods = try context.pods()
        let uuid = try pods.find(prefix)
        let text = try pods.observe(uuid).manifestText()
        // Held until the end: nobody removes the pod or starts it again.
        guard let pod = try pods.claimExited(uuid) else {
            throw CommandError.failed(
                "pod \"\(uuid)\" is not exited: only then its files stay as they are"
            )
        }
        let app = try chosen(PodManifest(parsing: text).apps)
        guard let id = ImageID(app.image.id) else {
            throw CommandError.failed("app \"\(app.name)\" has no image ID in the pod's manifest")
        }
        let store = try context.imageStore()
        let place = "pods/run/\(uuid)"
        let files = try ExitedAppFiles(
            of: app.name.text,
            id,
            named: app.image.name.map { LabelledName($0, labels: app.image.labels) },
            in: store.data.directory(place)
        )
        var request = ExportRequest(
            files.image,
            as: .aci,
            to: file,
            overwrites: overwrites,
            isWhole: true
        )
        request.changes = ["\(place)/\(files.changes)"]
        request.isCompressed = true
        context.print(try context.export(request, from: store))
        _ = consume pod
    }

    private func chosen(_ apps: [RuntimeApp]) throws -> RuntimeApp {
        if let app {
            guard let found = apps.first(where: { $0.name.text == app }) else {
                throw CommandError.failed("no app \"\(printable(app))\" in the pod")
            }
            return found
        }
        guard let only = apps.first, apps.count == 1 else {
            let names = apps.map(\.name.text).joined(separator: ", ")
            throw CommandError.usage("the pod has several apps, choose one by --app: \(names)")
        }
        return only
    }
}
