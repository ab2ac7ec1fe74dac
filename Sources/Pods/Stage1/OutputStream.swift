internal import CFreestanding

/// One stream of one app on its way: from the app's pipe to the log file and to rkt's own stream.
///
/// When rkt's own stream has lost its reader the pipe is closed as well, so `rkt run … | head` ends like any pipeline.
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

    static let largestChunk = 8 << 10
    private static let lineSize = 16 << 10
    private static let brokenPipe = -32
    private static let pendingSize = 40 << 10

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

    /// So much is read at once that it finds room even if every byte is a line that needs the prefix.
    private var chunkSize: Int {
        let room = OutputStream.pendingSize - OutputStream.lineSize - prefix.count
        return max(1, min(OutputStream.largestChunk, room / (prefix.count + 1)))
    }

    /// Reads once and passes on what came.
    mutating func pump(into log: inout AppLog, chunk: UnsafeMutablePointer<UInt8>) {
        let count = unsafe k_read(source, chunk, chunkSize)
        if count <= 0 {
            // EAGAIN and EINTR are no end.
            if count != -11, count != -4 { close(into: &log) }
            return
        }
        log.readClock()
        if prefix.isEmpty { unsafe put(chunk, count) }
        var start = 0
        for index in 0..<count where unsafe chunk[index] == 0x0A {
            unsafe finishLine(chunk + start, index - start, into: &log)
            start = index + 1
        }
        unsafe hold(chunk + start, count - start, into: &log)
        log.flush()
        flush()
    }

    /// The app's side is closed: a last line without an end is passed on.
    private mutating func close(into log: inout AppLog) {
        log.readClock()
        passOnHeld(complete: false, into: &log)
        log.flush()
        flush()
        closeSource()
    }

    /// Writes what rkt's own stream takes without waiting.
    mutating func flush() {
        while pendingStart < pendingEnd {
            var entry = k_poll_entry(fd: target, events: Int16(k_writable), revents: 0)
            _ = unsafe k_poll(&entry, 1, 0)
            if entry.revents == 0 { return }
            // Not more than PIPE_BUF: a pipe that is writable takes that much without blocking (man 7 pipe).
            let count = min(pendingEnd - pendingStart, 4096)
            let written = unsafe k_write(target, pending + pendingStart, count)
            if written == -4 || written == -11 { return }
            if written == OutputStream.brokenPipe { closeSource() }
            pendingStart = written < 0 ? pendingEnd : pendingStart + written
        }
        pendingStart = 0
        pendingEnd = 0
    }

    private mutating func closeSource() {
        guard source >= 0 else { return }
        _ = k_close(source)
        source = -1
    }

    private mutating func put(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
        guard count <= OutputStream.pendingSize - pendingEnd else { return }
        unsafe (pending + pendingEnd).update(from: bytes, count: count)
        pendingEnd += count
    }

    // MARK: Lines

    /// Keeps the beginning of a line until its end comes.
    private mutating func hold(
        _ bytes: UnsafePointer<UInt8>,
        _ count: Int,
        into log: inout AppLog
    ) {
        if lineCount + count > OutputStream.lineSize { passOnHeld(complete: false, into: &log) }
        unsafe (line + lineCount).update(from: bytes, count: count)
        lineCount += count
    }

    private mutating func finishLine(
        _ bytes: UnsafePointer<UInt8>,
        _ count: Int,
        into log: inout AppLog
    ) {
        guard lineCount > 0 else {
            unsafe passOn(bytes, count, complete: true, into: &log)
            return
        }
        unsafe hold(bytes, count, into: &log)
        passOnHeld(complete: true, into: &log)
    }

    private mutating func passOnHeld(complete: Bool, into log: inout AppLog) {
        guard lineCount > 0 || complete else { return }
        let count = lineCount
        lineCount = 0
        unsafe passOn(line, count, complete: complete, into: &log)
    }

    private mutating func passOn(
        _ bytes: UnsafePointer<UInt8>,
        _ count: Int,
        complete: Bool,
        into log: inout AppLog
    ) {
        unsafe log.add(bytes, count, tag: tag, complete: complete)
        guard !prefix.isEmpty else { return }
        unsafe put(
            UnsafeRawPointer(prefix.pointer).assumingMemoryBound(to: UInt8.self),
            prefix.count
        )
        unsafe put(bytes, count)
        unsafe put(OutputStream.newline, 1)
    }

    nonisolated(unsafe) private static let newline: UnsafeMutablePointer<UInt8> = {
        let byte = unsafe allocate(UInt8.self, 1)
        unsafe byte[0] = 0x0A
        return unsafe byte
    }()
}
