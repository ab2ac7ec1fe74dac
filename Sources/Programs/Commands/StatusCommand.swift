internal import AppContainer
internal import Linux
internal import PodLifecycle

/// `rkt status`.
struct StatusCommand: Command {
    static let name = "status"
    static let summary = "Check the status of a rkt pod"
    static let usage = "[--wait[=true|DURATION]] [--wait-ready[=true|DURATION]] UUID"
    static let details = """
        Prints what is known about a pod and its apps.
        With --wait the command returns once the pod has ended, with --wait-ready once all its apps are started;
        a duration limits the wait.
        """

    static var flags: [Flag<Self>] {
        [
            OutputFormat.flag { $0.format = $1 },
            PodOperands.flag(\.pods),
            .optional("wait", default: "false", bare: "true", "wait until the pod has exited") {
                command,
                text throws(CommandError) in command.end = try Wait(text)
            },
            .optional("wait-ready", default: "false", bare: "true", "wait until the pod is ready") {
                command,
                text throws(CommandError) in command.ready = try Wait(text)
            },
        ]
    }

    private var format = OutputFormat.text
    private var pods = PodOperands()
    private var end = Wait.not
    private var ready = Wait.not

    mutating func run(_ context: Context) throws {
        let directory = try context.pods()
        let uuid = try pods.one(context, in: directory, codeOfUnreadableFile: 1)
        if let deadline = ready.deadline, try !directory.waitUntilReady(uuid, deadline) {
            throw CommandError.failed("pod \"\(uuid)\" did not become ready")
        }
        if let deadline = end.deadline, try !directory.waitUntilFinished(uuid, deadline) {
            throw CommandError.failed("timed out waiting for pod \"\(uuid)\" to exit")
        }
        let pod = try directory.observe(uuid)
        let record = try pod.record()
        if let json = format.encoded(record.json) {
            context.print(json)
        } else {
            context.print(text(of: record, pid: try pod.firstProcess()))
        }
    }

    private func text(of record: PodRecord, pid: Int32?) -> String {
        var lines = ["state=\(record.state)", "created=\(record.created.full())"]
        if let started = record.started { lines.append("started=\(started.full())") }
        if record.state == .running || record.state == .exited {
            let networks = record.networks.flatMap(\.summary)
            lines.append("networks=\(printable(networks.joined(separator: ", ")))")
        }
        if record.state == .running || record.state.isAfterRun {
            if let pid { lines.append("pid=\(pid)") }
            lines.append("exited=\(record.state != .running)")
        }
        if record.state.isAfterRun {
            for app in record.apps {
                if let code = app.exitCode { lines.append("app-\(app.app.name.text)=\(code)") }
            }
        }
        return lines.joined(separator: "\n")
    }
}

/// Whether and how long to wait: `--wait`, `--wait=false`, `--wait=30s`.
private enum Wait {
    case not
    case forEver
    case atMost(Duration)

    init(_ text: String) throws(CommandError) {
        if text.isEmpty {
            self = .forEver
        } else if let bool = parseBool(text) {
            self = bool ? .forEver : .not
        } else if let duration = Duration(goText: text) {
            self = .atMost(duration)
        } else {
            throw .value("it is neither true or false nor a duration such as 30s")
        }
    }

    /// When the wait is over, counted from now; nil for no wait.
    var deadline: Deadline? {
        switch self {
        case .not: nil
        case .forEver: .never
        case .atMost(let duration): Deadline(milliseconds: duration.milliseconds)
        }
    }
}
