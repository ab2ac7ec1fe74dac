internal import JSON
internal import PodLifecycle
internal import PodNetworking

/// `rkt network check`.
struct NetworkCheckCommand: Command {
    static let name = "network check"
    static let summary = "Check whether the networks of running pods are as they were made"
    static let usage = "[--no-legend] [--format=json|json-pretty] [UUID ...]"
    static let details = """
        Looks at each interface of the given pods, or of all running ones: built-in networks are looked at directly, \
        networks of plugins by CHECK of CNI 0.4.0 and later. The state is ok, broken, or unknown if the plugins can't be asked.

        What is wrong is said on stderr, and the exit code is 254 then.
        """
    static let needsUserNamespace = true

    static var flags: [Flag<Self>] {
        [
            .bool("no-legend", "suppress a legend with the list") { $0.hasLegend = !$1 },
            OutputFormat.flag { $0.format = $1 },
        ]
    }

    private var hasLegend = true
    private var format = OutputFormat.text

    /// How one interface of a pod is.
    fileprivate struct Row {
        let uuid: PodUUID
        let record: NetworkRecord
        let condition: NetworkCondition
    }

    mutating func run(_ context: Context) throws {
        let pods = try context.pods()
        var rows: [Row] = []
        if context.arguments.isEmpty {
            for location in try pods.list([.run]) {
                guard let pod = try pods.observe(location) else { continue }
                rows += try Self.rows(pod, context) ?? []
            }
        } else {
            for uuid in try context.arguments.map(pods.find) {
                guard let found = try Self.rows(try pods.observe(uuid), context) else {
                    throw CommandError.failed("pod \"\(uuid)\" isn't currently running")
                }
                rows += found
            }
        }
        print(rows, context)
        if rows.contains(where: \.isBroken) {
            throw CommandError.failed("one or more networks are broken")
        }
    }

    /// The interfaces of a pod; nil if it doesn't run.
    private static func rows(_ pod: borrowing ObservedPod, _ context: Context) throws -> [Row]? {
        guard let process = try pod.firstProcess() else { return nil }
        let records = pod.directory.networkRecords()
        if records.isEmpty { return [] }
        let check = try NetworkCheck(
            of: pod.uuid,
            process: process,
            plugins: PluginRuntime(context.plugins)
        )
        // With the same first process as before, the namespace is the pod's.
        guard try pod.firstProcess() == process else { return nil }
        let rows = records.map { record in
            Row(
                uuid: pod.uuid,
                record: record,
                condition: check.condition(of: record, in: pod.directory)
            )
        }
        // What a pod has that ends just now is about to go.
        return try pod.isLocked() ? rows : nil
    }

    private func print(_ rows: [Row], _ context: Context) {
        if let json = format.encoded(.array(rows.map(\.json))) {
            context.print(json)
        } else {
            var table = Table()
            if hasLegend { table.append(["POD", "NETWORK", "INTERFACE", "STATE"]) }
            for row in rows {
                table.append([
                    row.uuid.description, row.record.name, row.record.interface, row.state,
                ])
            }
            context.print(table.text, terminator: "")
        }
        for row in rows {
            guard let fault = row.fault else { continue }
            context.complain(
                "pod \"\(row.uuid)\", network \"\(row.record.name)\" (\(row.record.interface)): \(fault)"
            )
        }
    }
}

extension NetworkCheckCommand.Row {
    var isBroken: Bool { fault != nil }

    var fault: String? {
        if case .broken(let fault) = condition { fault } else { nil }
    }

    var state: String {
        switch condition {
        case .intact: "ok"
        case .unknown: "unknown"
        case .broken: "broken"
        }
    }

    /// The row as an object; keys are added, never changed.
    var json: JSON {
        [
            "uuid": .string(uuid.description),
            "network": .string(record.name),
            "interface": .string(record.interface),
            "state": .string(state),
            "reason": fault.map(JSON.string) ?? .null,
        ]
    }
}
