internal import CFreestanding

/// The log file of one app in CRI format, rotated by size.
///
/// Entries are gathered and written together: `readClock`, any number of `add`, `flush`.
@safe struct AppLog {
    private let directory: Int32
    private var file: Int32
    private var size: Int64 = 0
    private let limit: Int64
    private let keep: Int

    private static let gatheredSize = 32 << 10
    private static let timeSize = 31
    /// What is gathered; empty whenever another log might use it.
    nonisolated(unsafe) private static let gathered = unsafe allocate(UInt8.self, gatheredSize)
    nonisolated(unsafe) private static var gatheredCount = 0
    /// `2026-11-24T15:03:57.123456789Z `.
    nonisolated(unsafe) private static let time = unsafe allocate(UInt8.self, timeSize)

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

    /// The time of the entries that follow.
    func readClock() {
        var entry = unsafe LogEntry(AppLog.time)
        entry.putTime()
    }

    /// Adds an entry; `complete` is false for a piece of a line whose rest comes later.
    mutating func add(
        _ bytes: UnsafePointer<UInt8>,
        _ count: Int,
        tag: Text,
        complete: Bool
    ) {
        if unsafe AppLog.gatheredCount + count + 64 > AppLog.gatheredSize { flush() }
        var entry = unsafe LogEntry(AppLog.gathered + AppLog.gatheredCount)
        unsafe entry.put(AppLog.time, AppLog.timeSize)
        entry.put(tag)
        entry.put(complete ? " F " : " P ")
        unsafe entry.put(bytes, count)
        entry.put(UInt8(0x0A))
        unsafe AppLog.gatheredCount += entry.count
    }

    /// Appends what was gathered to the file.
    mutating func flush() {
        let count = unsafe AppLog.gatheredCount
        unsafe AppLog.gatheredCount = 0
        guard file >= 0, count > 0 else { return }
        if size + Int64(count) > limit, size > 0 { rotate() }
        // A full disk must not stop the app: what can't be logged is lost, what is printed isn't.
        _ = unsafe k_write(file, AppLog.gathered, count)
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
