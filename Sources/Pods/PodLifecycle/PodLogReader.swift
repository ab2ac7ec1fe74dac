package import Linux

/// Reads the logs of several apps as one, in the order of time.
package struct PodLogReader {
    private var readers: [AppLogReader] = []
    private var missing: [String]

    /// Starts at the beginning of the logs of these apps; one that has none yet may get one later.
    package init(apps: [String]) { missing = apps }

    /// The next entry; nil when everything that was written so far is read.
    package mutating func next() throws(Errno) -> LogEntry? {
        var best: (reader: AppLogReader, entry: LogEntry)?
        for reader in readers {
            guard let entry = try reader.peek() else { continue }
            if let best, best.entry.time <= entry.time { continue }
            best = (reader, entry)
        }
        best?.reader.advance()
        return best?.entry
    }

    /// Opens the logs that are there by now.
    package mutating func open(in pod: borrowing ObservedPod, _ watch: borrowing Watch) throws {
        for app in missing {
            guard let reader = try AppLogReader(app: app, in: pod) else { continue }
            try reader.watch(with: watch)
            readers.append(reader)
            missing.removeAll { $0 == app }
        }
    }
}
