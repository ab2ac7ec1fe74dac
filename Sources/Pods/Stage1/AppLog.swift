internal import CFreestanding

/// The log file of one app in CRI format, rotated by size.
struct AppLog {
    private let directory: Int32
    private var file: Int32
    private var size: Int64 = 0
    private let limit: Int64
    private let keep: Int

    /// Opens `logs/APP/0.log` below the pod directory; without it nothing is logged.
    init(podDirectory: Int32, app: Text, limit: Int64, keep: Int) {
        self.limit = limit
        self.keep = keep
        let path = Text(joining: "logs/", app)
        directory = Int32(
            truncatingIfNeeded: unsafe k_openat(podDirectory, path.pointer, 0o2200000, 0)
        )
        file = AppLog.open(in: directory)
    }

    private static func open(in directory: Int32) -> Int32 {
        Int32(truncatingIfNeeded: unsafe k_openat(directory, "0.log", 0o2402101, 0o600))
    }

    /// Appends whole entries.
    mutating func append(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        guard file >= 0, count > 0 else { return }
        if size + Int64(count) > limit, size > 0 { rotate() }
        // A full disk must not stop the app: what can't be logged is lost, what is printed isn't.
        _ = unsafe k_write(file, bytes, count)
        size += Int64(count)
    }

    private mutating func rotate() {
        for number in stride(from: keep, to: 0, by: -1) {
            let old: Text = number == 1 ? "0.log" : Text(joining: "0.log.", Text(number - 1))
            let new = Text(joining: "0.log.", Text(number))
            _ = unsafe k_renameat(directory, old.pointer, directory, new.pointer)
        }
        if keep == 0 { _ = unsafe k_unlinkat(directory, "0.log", 0) }
        _ = k_close(file)
        file = AppLog.open(in: directory)
        size = 0
    }
}
