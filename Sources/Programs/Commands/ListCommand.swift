internal import AppContainer
internal import JSON
internal import Linux
internal import PodLifecycle

/// `rkt list`.
struct ListCommand: Command {
    static let name = "list"
    static let summary = "List pods"
    static let usage = "[--full] [--no-legend] [--format=json|json-pretty]"
    /// In the order of a pod's life, so that one that moves on meanwhile is not missed.
    private static let phases: [PodPhase] = [.prepare, .prepared, .run, .exitedGarbage]

    static var flags: [Flag<Self>] {
        [
            .bool("full", "use long output format") { $0.isFull = $1 },
            .bool("no-legend", "suppress a legend with the list") { $0.hasLegend = !$1 },
            OutputFormat.flag { $0.format = $1 },
        ]
    }

    private var isFull = false
    private var hasLegend = true
    private var format = OutputFormat.text

    mutating func run(_ context: Context) throws {
        try context.refuseArguments()
        var errors: [any Error] = []
        let records = try records(in: context.pods(), &errors)
        if let json = format.encoded(.array(records.map(\.json))) {
            context.print(json)
        } else {
            context.print(table(records), terminator: "")
        }
        for error in errors { context.complain("\(error)") }
    }

    /// A pod that can't be read is no reason not to show the others.
    private func records(
        in pods: PodsDirectory,
        _ errors: inout [any Error]
    ) throws -> [PodRecord] {
        var records: [PodRecord] = []
        for location in try pods.list(Self.phases) where location.uuid != records.last?.uuid {
            do {
                if let record = try pods.record(location, format == .text ? .pod : .apps) {
                    records.append(record)
                }
            } catch {
                errors.append(error)
            }
        }
        return records
    }

    private func table(_ records: [PodRecord]) -> String {
        var table = Table()
        if hasLegend {
            table.append(
                ["UUID", "APP", "IMAGE NAME"] + (isFull ? ["IMAGE ID"] : [])
                    + ["STATE", "CREATED", "STARTED", "NETWORKS"]
            )
        }
        let now = Time.now()
        for record in records {
            let apps = record.manifest?.apps.map(Optional.some) ?? []
            for (index, app) in (apps.isEmpty ? [nil] : apps).enumerated() {
                let pod = index == 0 ? cells(of: record, now) : Array(repeating: "", count: 5)
                table.append(pod.prefix(1) + cells(of: app) + pod.dropFirst())
            }
        }
        return table.text
    }

    private func cells(of pod: PodRecord, _ now: Time) -> [String] {
        [
            isFull ? pod.uuid.description : pod.uuid.short, pod.state.description,
            text(pod.created, now), pod.started.map { text($0, now) } ?? "",
            printable(pod.networks.flatMap(\.summary).joined(separator: ", ")),
        ]
    }

    private func cells(of app: RuntimeApp?) -> [String] {
        guard let app else { return isFull ? ["-", "-", "-"] : ["-", "-"] }
        let version = app.image.labels["version"].map { ":" + $0 } ?? ""
        let image = app.image.name.map { $0.text + version } ?? "-"
        let id = String(app.image.id.description.prefix(19))
        return [app.name.text, image] + (isFull ? [id] : [])
    }

    private func text(_ time: Time, _ now: Time) -> String {
        isFull ? time.full() : time.ago(from: now)
    }
}
