internal import AppContainer
internal import Linux
internal import PodLifecycle

/// `rkt logs`.
struct LogsCommand: Command {
    static let name = "logs"
    static let summary = "Print what the apps of a pod have printed"
    static let usage = "[-f] [--app=NAME] [--since=TIME] [--tail=LINES] UUID"
    static let details = """
        Prints the logs of all apps of a pod in the order of time, each line after the app's name if there are several.
        What an app printed on stderr is printed on stderr.
        """

    static var flags: [Flag<Self>] {
        [
            .string("app", "only this app of the pod") { $0.app = $1 },
            .bool("follow", "go on until the pod ends") { $0.follows = $1 }.short("f"),
            .string("since", "only what was printed after a time, or during the last 10m, 2h ...") {
                command,
                text throws(CommandError) in command.start = try startTime(text)
            },
            .integer("tail", default: "-1", "only the last lines", in: -1...Int64(Int32.max)) {
                $0.tail = $1 < 0 ? nil : Int($1)
            },
            PodOperands.flag(\.pods),
        ]
    }

    /// How often it is checked whether the pod has ended, while nothing is printed.
    private static let patience: Int32 = 100

    private var app: String?
    private var follows = false
    private var start: Time?
    private var tail: Int?
    private var pods = PodOperands()

    mutating func run(_ context: Context) throws {
        let directory = try context.pods()
        let pod = try directory.observe(pods.one(context, in: directory))
        let apps = try selectedApps(of: pod)
        var reader = PodLogReader(apps: apps)
        var printer = LogPrinter(hasPrefix: apps.count > 1)
        let watch = try Watch()

        try reader.open(in: pod, watch)
        var last: [LogEntry] = []
        while let entry = try next(&reader) {
            last.append(entry)
            if let tail {
                // Twice as many are kept so that cutting costs little.
                if last.count > 2 * tail { last.removeFirst(last.count - tail) }
            } else if last.count == 1000 {
                printer.print(last)
                last = []
            }
        }
        printer.print(last.suffix(tail ?? last.count))
        if follows { try follow(pod, &reader, &printer, watch) }
        printer.finish()
    }

    private func follow(
        _ pod: borrowing ObservedPod,
        _ reader: inout PodLogReader,
        _ printer: inout LogPrinter,
        _ watch: borrowing Watch
    ) throws {
        while true {
            // Whoever asks before reading misses nothing: after the lock is free nobody writes.
            let isOver = try !pod.isLocked()
            try reader.open(in: pod, watch)
            var entries: [LogEntry] = []
            while let entry = try next(&reader) { entries.append(entry) }
            printer.print(entries)
            if isOver { return }
            _ = try watch.wait(milliseconds: Self.patience)
        }
    }

    private func next(_ reader: inout PodLogReader) throws -> LogEntry? {
        while let entry = try reader.next() {
            if let start, entry.time < start { continue }
            return entry
        }
        return nil
    }

    private func selectedApps(of pod: borrowing ObservedPod) throws -> [String] {
        let apps = try pod.manifest().apps.map(\.name.text)
        guard let app else { return apps }
        guard apps.contains(app) else {
            let names = apps.joined(separator: ", ")
            throw CommandError.failed("pod \"\(pod.uuid)\" has no app \"\(app)\", but: \(names)")
        }
        return [app]
    }

    private static func startTime(_ text: String) throws(CommandError) -> Time {
        if let time = Time(rfc3339: text.utf8) { return time }
        guard let duration = Duration(goText: text) else {
            throw .value(
                "it is neither a duration such as 10m nor a time such as 2026-11-24T15:00:00Z"
            )
        }
        let now = Time.now()
        let (seconds, overflow) = now.seconds.subtractingReportingOverflow(
            duration.components.seconds
        )
        return Time(seconds: overflow ? 0 : seconds, nanoseconds: now.nanoseconds)
    }
}

/// Writes entries to the streams they came from.
private struct LogPrinter {
    let hasPrefix: Bool
    private var openLine: LogEntry?

    init(hasPrefix: Bool) { self.hasPrefix = hasPrefix }

    /// Writes entries of one stream together.
    mutating func print(_ entries: some Sequence<LogEntry>) {
        var text: [UInt8] = []
        var isError = false
        for entry in entries {
            if entry.isError != isError {
                write(text, isError)
                (text, isError) = ([], entry.isError)
            }
            append(entry, to: &text)
        }
        write(text, isError)
    }

    /// Ends a line that its app has left open.
    mutating func finish() {
        guard let openLine, hasPrefix else { return }
        write([UInt8(ascii: "\n")], openLine.isError)
    }

    private mutating func append(_ entry: LogEntry, to text: inout [UInt8]) {
        if hasPrefix {
            let isOneLine = openLine?.app == entry.app && openLine?.isError == entry.isError
            if openLine != nil, !isOneLine { text.append(UInt8(ascii: "\n")) }
            if !isOneLine { text += "\(entry.app): ".utf8 }
        }
        text += entry.text
        if entry.isComplete { text.append(UInt8(ascii: "\n")) }
        openLine = entry.isComplete ? nil : entry
    }

    private func write(_ bytes: [UInt8], _ isError: Bool) {
        if bytes.isEmpty { return }
        try? (isError ? StandardStream.error : .output).write(bytes)
    }
}
