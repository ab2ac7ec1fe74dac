internal import CFreestanding

/// One stream of one app on its way: from the app's pipe to the log file and to rkt's own stream.
@safe struct OutputStream {
    /// The pipe, or -1 once the app's side is closed.
    private(set) var source: Int32
    private let target: Int32
    private let prefix: Text
    private let tag: Text
    private let line: UnsafeMutablePointer<UInt8>
    private var lineCount = 0
    private let pending: UnsafeMutablePointer<UInt8>
    private var pendingStart = 0
    private var pendingEnd = 0

    static let lineSize = 8 << 10
    private static let pendingSize = 40 << 10
    private static let entrySize = 16 << 10

    init(source: Int32, target: Int32, tag: Text, prefix: Text) {
        self.source = source
        self.target = target
        self.tag = tag
        self.prefix = prefix
        unsafe line = allocate(UInt8.self, OutputStream.lineSize)
        unsafe pending = allocate(UInt8.self, OutputStream.pendingSize)
    }

    var isOpen: Bool { source >= 0 }
    /// Something waits for rkt's own stream to take it; until then the app's pipe isn't read.
    var isBlocked: Bool { pendingStart < pendingEnd }
    var targetDescriptor: Int32 { target }

    /// Reads once and passes on what came.
    ///
    /// - Returns: whether anything was read.
    mutating func pump(into log: inout AppLog, chunk: UnsafeMutablePointer<UInt8>) -> Bool {
        let count = unsafe k_read(source, chunk, 4096)
        if count <= 0 {
            // EAGAIN and EINTR are no end.
            if count != -11, count != -4 { close(into: &log) }
            return false
        }
        if prefix.isEmpty { for index in 0..<count { unsafe put(chunk[index]) } }
        for index in 0..<count {
            let byte = unsafe chunk[index]
            if byte == 0x0A {
                finishLine(complete: true, into: &log)
            } else {
                unsafe line[lineCount] = byte
                lineCount += 1
                if lineCount == OutputStream.lineSize { finishLine(complete: false, into: &log) }
            }
        }
        flush()
        return true
    }

    /// The app's side is closed: a last line without an end is passed on.
    mutating func close(into log: inout AppLog) {
        if lineCount > 0 { finishLine(complete: false, into: &log) }
        flush()
        _ = k_close(source)
        source = -1
    }

    /// Writes what rkt's own stream takes without waiting; a reader that has gone takes everything.
    mutating func flush() {
        while pendingStart < pendingEnd {
            var entry = k_poll_entry(fd: target, events: Int16(k_writable), revents: 0)
            _ = unsafe k_poll(&entry, 1, 0)
            if entry.revents == 0 { return }
            // Not more than PIPE_BUF: a pipe that is writable takes that much without blocking (man 7 pipe).
            let count = min(pendingEnd - pendingStart, 4096)
            let written = unsafe k_write(target, pending + pendingStart, count)
            if written == -4 || written == -11 { return }
            pendingStart = written < 0 ? pendingEnd : pendingStart + written
        }
        pendingStart = 0
        pendingEnd = 0
    }

    private mutating func put(_ byte: UInt8) {
        if pendingEnd == OutputStream.pendingSize { return }
        unsafe pending[pendingEnd] = byte
        pendingEnd += 1
    }

    private mutating func put(_ text: Text) {
        for index in 0..<text.count { put(text[index]) }
    }

    private mutating func finishLine(complete: Bool, into log: inout AppLog) {
        var entry = unsafe LogEntry(OutputStream.entry)
        entry.putTime()
        entry.put(tag)
        entry.put(complete ? " F " : " P ")
        for index in 0..<lineCount { unsafe entry.put(line[index]) }
        entry.put(UInt8(0x0A))
        unsafe log.append(OutputStream.entry, entry.count)
        if !prefix.isEmpty {
            put(prefix)
            for index in 0..<lineCount { unsafe put(line[index]) }
            put(0x0A)
            flush()
        }
        lineCount = 0
    }

    /// Where entries are put together, one at a time.
    nonisolated(unsafe) private static let entry = unsafe allocate(UInt8.self, entrySize)
}

/// A log entry being put together.
@safe struct LogEntry {
    private let bytes: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    init(_ bytes: UnsafeMutablePointer<UInt8>) { unsafe self.bytes = bytes }

    mutating func put(_ byte: UInt8) {
        unsafe bytes[count] = byte
        count += 1
    }

    mutating func put(_ text: Text) {
        var index = 0
        while text[index] != 0 {
            put(text[index])
            index += 1
        }
    }

    /// `2026-11-24T15:03:57.123456789Z `.
    mutating func putTime() {
        var nanoseconds: Int64 = 0
        let seconds = unsafe k_now(0, &nanoseconds)
        let date = CivilDate(daysSince1970: seconds / 86_400)
        let time = seconds % 86_400
        put(date.year, digits: 4)
        put(UInt8(0x2D))
        put(date.month, digits: 2)
        put(UInt8(0x2D))
        put(date.day, digits: 2)
        put(UInt8(0x54))
        put(time / 3600, digits: 2)
        put(UInt8(0x3A))
        put(time / 60 % 60, digits: 2)
        put(UInt8(0x3A))
        put(time % 60, digits: 2)
        put(UInt8(0x2E))
        put(nanoseconds, digits: 9)
        put("Z ")
    }

    private mutating func put(_ number: Int64, digits: Int) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            put(UInt8(truncatingIfNeeded: 48 + number / divisor % 10))
            divisor /= 10
        }
    }
}

/// Year, month and day of a number of days, by Howard Hinnant's civil-from-days.
struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}
