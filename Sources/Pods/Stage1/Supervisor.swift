internal import CFreestanding
internal import CStage1Plan

/// The outside of a pod: the process that `rkt run` has become.
///
/// It holds the pod directory's lock, starts PID 1, passes on output and signals, writes what became of each app, and
/// ends with the pod's exit code.
@safe struct Supervisor {
    let pod: PodRecord
    var state: PodState
    private let logs: UnsafeMutablePointer<AppLog>
    /// Two for each app: stdout, stderr.
    private let streams: UnsafeMutablePointer<OutputStream>
    let entries: UnsafeMutablePointer<k_poll_entry>
    private let chunk: UnsafeMutablePointer<UInt8>
    var console: Console?
    var control: Int32 = -1
    var signals: Int32 = -1
    var pidfd: Int32 = -1
    var pid: Int32 = -1
    /// Once the pod was asked to end: until when whoever reads our output is waited for.
    var readersDeadline: Int64?
    /// How long a stream may stay silent after the pod's end, in milliseconds.
    private static let patience: Int64 = 200
    /// How long post-stop handlers may take when their apps had to be killed, in milliseconds (`rkt stop` waits for it).
    static let handlersPatience: Int64 = 10_000

    /// Started as `stage1 run PLAN`.
    static func main(plan: Int32) -> Never {
        do throws(Failure) {
            let reader = try PlanReader(descriptor: plan)
            var supervisor = Supervisor(PodRecord(reader))
            try supervisor.start(plan: plan)
            supervisor.supervise()
            supervisor.finish()
        } catch {
            fail(error.text)
        }
    }

    private init(_ pod: PodRecord) {
        self.pod = pod
        state = PodState(count: pod.appCount, hasHandlers: pod.hasHandlers)
        unsafe logs = allocate(AppLog.self, pod.appCount)
        unsafe streams = allocate(OutputStream.self, 2 * pod.appCount)
        unsafe entries = allocate(k_poll_entry.self, 2 * pod.appCount + 5)
        unsafe chunk = allocate(UInt8.self, OutputStream.largestChunk)
    }

    // MARK: Start

    private mutating func start(plan: Int32) throws(Failure) {
        signals = try check(k_signal_descriptor(), "cannot read signals")
        // CLOSE_RANGE_CLOEXEC: nothing of what the supervisor holds goes into the pod (R4).
        _ = k_close_range(3, .max, 4)
        var ends: (Int32, Int32) = (-1, -1)
        try unsafe check(pair(&ends, k_message_pair), "cannot make a socket")
        control = ends.0
        try startInit(plan: plan, control: ends.1)
        _ = k_close(ends.1)
        _ = k_close(plan)
        _ = k_close(pod.program)
    }

    private mutating func startInit(plan: Int32, control: Int32) throws(Failure) {
        let null = try check(
            unsafe k_openat(-100, "/dev/null", 0o2000002, 0),
            "cannot open",
            "/dev/null"
        )
        let arguments = unsafe allocate(UnsafePointer<CChar>?.self, 2 * pod.appCount + 5)
        let keep = unsafe allocate(Int32.self, 2 * pod.appCount + 2)
        var kept = 0
        for (index, text) in ["stage1", "init"].enumerated() as EnumeratedSequence<[Text]> {
            unsafe arguments[index] = text.pointer
        }
        func give(_ descriptor: Int32) {
            unsafe keep[kept] = descriptor
            unsafe arguments[kept + 2] = Text(Int(descriptor)).pointer
            kept += 1
        }
        give(control)
        give(plan)
        for index in 0..<pod.appCount {
            for stream in 0..<2 { give(try makeStream(index, stream)) }
        }
        unsafe arguments[kept + 2] = nil
        try enterNetwork(pod.network)
        let result = unsafe k_spawn(
            pod.program,
            arguments,
            pod.network < 0 ? pod.namespaces : pod.namespaces & ~Supervisor.networkNamespace,
            pod.cgroup,
            &pidfd,
            keep,
            Int32(kept),
            null
        )
        pid = try check(result, "cannot make the pod's namespaces")
        try enterNetwork(pod.hostNetwork)
        // The kernel removes it with the pod's last process, unless a program has something to give back first.
        if pod.network >= 0, !pod.hasEndProgram { _ = k_close(pod.network) }
        for index in 2..<kept { _ = unsafe k_close(keep[index]) }
        _ = k_close(null)
    }

    private static let networkNamespace: UInt64 = 0x4000_0000

    /// A child starts in the network namespace that its parent is in just then.
    private func enterNetwork(_ namespace: Int32) throws(Failure) {
        if namespace < 0 { return }
        let flag = Int32(truncatingIfNeeded: Supervisor.networkNamespace)
        try check(k_setns(namespace, flag), "cannot enter a network namespace")
    }

    /// Makes the pipe of one stream of an app.
    ///
    /// - Returns: the app's end.
    private mutating func makeStream(_ index: Int, _ stream: Int) throws(Failure) -> Int32 {
        var ends: (Int32, Int32) = (-1, -1)
        try unsafe check(pair(&ends) { unsafe k_pipe($0, 0o2000000) }, "cannot make a pipe")
        let app = unsafe pod.apps[index]
        if stream == 0 {
            unsafe logs[index] = AppLog(
                podDirectory: pod.directory,
                app: app.name,
                limit: pod.logBytes,
                keep: pod.logFiles
            )
        }
        unsafe streams[2 * index + stream] = OutputStream(
            source: ends.0,
            target: Int32(stream + 1),
            tag: stream == 0 ? "stdout" : "stderr",
            prefix: pod.prefixesOutput ? Text(joining: app.name, ": ") : ""
        )
        return ends.1
    }

    private func pair(
        _ ends: inout (Int32, Int32),
        _ make: (UnsafeMutablePointer<Int32>?) -> Int
    ) -> Int {
        unsafe withUnsafeMutableBytes(of: &ends) {
            unsafe make($0.baseAddress?.assumingMemoryBound(to: Int32.self))
        }
    }

    // MARK: Supervision

    private mutating func supervise() {
        while !hasEnded() {
            let count = listen()
            let ready = unsafe k_poll(entries, Int32(count), timeLeft())
            if ready == 0, isLeftAlone() { return }
            if let deadline = state.deadline, now() >= deadline { perform(state.overdue()) }
            if unsafe entries[0].revents != 0 { readSignals() }
            if unsafe entries[1].revents != 0 { readMessages() }
            if unsafe console != nil && (entries[2].revents != 0 || entries[3].revents != 0) {
                pumpConsole()
            }
            pumpStreams()
        }
    }

    /// Fills the poll list: signals, control, terminal, then streams that are read or waited for.
    private mutating func listen() -> Int {
        let readable = Int16(k_readable)
        unsafe entries[0] = k_poll_entry(fd: signals, events: readable, revents: 0)
        unsafe entries[1] = k_poll_entry(fd: control, events: readable, revents: 0)
        let isTyping = console?.isInputOpen == true && (console?.master ?? -1) >= 0
        unsafe entries[2] = k_poll_entry(fd: isTyping ? 0 : -1, events: readable, revents: 0)
        unsafe entries[3] = k_poll_entry(fd: console?.master ?? -1, events: readable, revents: 0)
        for index in 0..<(2 * pod.appCount) {
            let stream = unsafe streams[index]
            unsafe entries[4 + index] =
                stream.isBlocked
                ? k_poll_entry(
                    fd: stream.targetDescriptor,
                    events: Int16(k_writable),
                    revents: 0
                )
                : k_poll_entry(fd: stream.source, events: readable, revents: 0)
        }
        return 4 + 2 * pod.appCount
    }

    private func timeLeft() -> Int64 {
        if pid < 0 { return Supervisor.patience }
        guard let deadline = state.deadline else { return -1 }
        return max(0, deadline - now())
    }

    func now() -> Int64 {
        var nanoseconds: Int64 = 0
        return unsafe k_now(1, &nanoseconds) * 1000 + nanoseconds / 1_000_000
    }

    /// PID 1 is gone and everything that was printed has been read.
    private func hasEnded() -> Bool {
        guard pid < 0, (console?.master ?? -1) < 0 else { return false }
        for index in 0..<(2 * pod.appCount) where unsafe streams[index].isOpen { return false }
        return true
    }

    /// The pod is gone, but somebody outside got hold of an app's stream and keeps it open: that mustn't keep us.
    ///
    /// Output that only waits for rkt's own reader is waited for, until a signal says otherwise; after `rkt stop` no longer
    /// than the apps were.
    private func isLeftAlone() -> Bool {
        guard pid < 0 else { return false }
        for index in 0..<(2 * pod.appCount) where unsafe streams[index].isBlocked {
            return readersDeadline.map { now() >= $0 } ?? false
        }
        return true
    }

    private mutating func pumpStreams() {
        for index in 0..<(2 * pod.appCount) where unsafe entries[4 + index].revents != 0 {
            if unsafe streams[index].isBlocked {
                unsafe streams[index].flush()
            } else if unsafe streams[index].isOpen {
                unsafe streams[index].pump(into: &logs[index / 2], chunk: chunk)
            }
        }
    }

    private mutating func pumpConsole() {
        if unsafe entries[3].revents != 0 { unsafe console?.pumpOutput(chunk) }
        if unsafe entries[2].revents != 0 { unsafe console?.pumpInput(chunk) }
    }

    // MARK: End

    mutating func finish() -> Never {
        console?.close()
        for index in 0..<pod.appCount {
            writeStatus(unsafe pod.apps[index].name, Int(state[index].status ?? 254))
        }
        for index in 0..<pod.cgroupCount {
            removeCgroup(unsafe pod.cgroups[index])
        }
        var filter: Int32 = -1
        for index in 0..<pod.endStepCount {
            unsafe pod.endSteps[index].perform(pod, filter: &filter)
        }
        EndStep.leaveClosing(filter)
        k_exit(state.exitCode)
    }

    /// A cgroup is busy for a moment while the kernel buries its last process; what stays is gc's to remove.
    private func removeCgroup(_ directory: Text) {
        for _ in 0..<100 {
            // AT_REMOVEDIR; EBUSY.
            guard unsafe k_unlinkat(-100, directory.pointer, 0x200) == -16 else { return }
            _ = k_poll(nil, 0, 1)
        }
    }
}
