internal import AppContainer
internal import Cgroups
internal import Linux
internal import PodLifecycle

/// `rkt stop`.
struct StopCommand: Command {
    static let name = "stop"
    static let summary = "Stop a pod"
    static let usage = "[--force] [--timeout=DURATION] UUID ..."
    static let details = """
        Asks every app of a running pod to end, with the signal its image names or SIGTERM,
        and kills what is left after the timeout. Post-stop handlers run all the same, for at most ten seconds more.

        With --force the whole pod is killed at once, and no handler runs.
        """

    static var flags: [Flag<Self>] {
        [
            .bool("force", "forced stopping: kill at once") { $0.isForced = $1 },
            .duration("timeout", default: "10s", "how long apps have to end by themselves") {
                $0.timeout = $1
            },
            PodOperands.flag(\.pods),
        ]
    }

    private static let terminate: Int32 = 15
    private static let kill: Int32 = 9
    /// How long to wait before looking again for a supervisor that is about to be, in milliseconds.
    private static let glance: Int32 = 5
    /// How much longer than the apps the supervisor may take, in milliseconds.
    private static let margin: Int32 = 2000
    /// How long the supervisor waits for handlers of apps that it had to kill, in milliseconds.
    private static let handlers: Int32 = 10_000
    /// How long it may take to write down what became of apps that have ended, in milliseconds: disks can be busy.
    private static let closing: Int32 = 30_000

    private var isForced = false
    private var timeout = Duration.seconds(10)
    private var pods = PodOperands()

    mutating func run(_ context: Context) throws {
        let directory = try context.pods()
        var hasFailed = false
        for prefix in try pods.prefixes(context, codeOfUnreadableFile: 1) {
            do {
                try stop(try directory.observe(directory.find(prefix)), context)
            } catch {
                context.complain("\(error)")
                hasFailed = true
            }
        }
        if hasFailed { throw CommandError.failed("failed to stop one or more pods") }
    }

    private func stop(_ pod: borrowing ObservedPod, _ context: Context) throws {
        let state = try pod.state()
        if state.isAfterRun {
            context.print("pod \"\(pod.uuid)\" is already stopped")
            return
        }
        guard state == .running else {
            throw PodError.wrongState(pod.uuid, state, needed: "running")
        }
        try ask(pod)
        let patience = patience(with: try? pod.manifest())
        if try !pod.waitUntilUnlocked(Deadline(milliseconds: patience)), try !isClosing(pod) {
            try end(pod)
        }
        context.print("\"\(pod.uuid)\"")
    }

    /// The supervisor learns with the signal how long the apps may take, and kills what is left by itself.
    private func ask(_ pod: borrowing ObservedPod) throws {
        let seconds = (Int64(timeout.milliseconds) + 999) / 1000
        let start = Deadline(milliseconds: Self.margin)
        // Without a supervisor the pod is just about to be started, which takes milliseconds, or over.
        while !start.isPast {
            if let supervisor = try pod.supervisor() {
                return try supervisor.signal(Self.terminate, value: isForced ? -1 : Int32(seconds))
            }
            if try pod.waitUntilUnlocked(Deadline(milliseconds: Self.glance)) { return }
        }
    }

    /// With the pod's first process gone there is nothing left to kill: killing the supervisor would only lose statuses.
    ///
    /// - Returns: whether the pod ended by itself after all.
    private func isClosing(_ pod: borrowing ObservedPod) throws -> Bool {
        guard try pod.firstProcess() == nil else { return false }
        return try pod.waitUntilUnlocked(Deadline(milliseconds: Self.closing))
    }

    /// Until when the pod must have ended by itself, in milliseconds from now.
    private func patience(with manifest: PodManifest?) -> Int32 {
        if isForced { return Self.margin }
        let hasHandlers = (manifest?.apps ?? []).contains { $0.app?.eventHandlers.isEmpty == false }
        let margin = Self.margin + (hasHandlers ? Self.handlers : 0)
        let (sum, overflow) = timeout.milliseconds.addingReportingOverflow(margin)
        return overflow ? .max : sum
    }

    /// With the supervisor the pod's first process dies, and with that the whole pid namespace (R20).
    private func end(_ pod: borrowing ObservedPod) throws {
        try pod.supervisor()?.signal(Self.kill)
        try CgroupRemoval.remove(pod.cgroups())
        guard try pod.waitUntilUnlocked(Deadline(milliseconds: Self.margin)) else {
            throw CommandError.failed("pod \"\(pod.uuid)\" does not end although it was killed")
        }
    }
}
