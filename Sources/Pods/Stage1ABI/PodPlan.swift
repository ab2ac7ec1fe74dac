internal import CStage1Plan

/// A pod as stage1 carries it out: nothing is decided after this.
package struct PodPlan: Equatable, Sendable {
    /// The full UUID.
    package var uuid: String
    /// The namespaces that PID 1 doesn't share with the host: the bits of `clone(2)`.
    package var namespaces: Int32
    /// rkt's terminal is the app's.
    package var isInteractive = false
    /// Output lines carry the app's name.
    package var prefixesOutput = false
    /// How long apps have after their stop signal, in milliseconds.
    package var gracePeriod: Int64 = 10_000
    /// A log file is rotated when it grows beyond so many bytes.
    package var logBytes: Int64 = 10 << 20
    /// So many rotated log files are kept an app.
    package var logFiles = 1
    /// Inherited descriptors, by number.
    package var descriptors: Descriptors
    /// Directories that stage1 removes when the pod has ended, children first.
    package var cgroupDirectories: [String] = []
    /// What stage1 does when the pod has ended, in order.
    package var endSteps: [EndStep] = []
    /// What PID 1 does before the first app.
    package var steps: [PlanStep] = []
    package var apps: [AppPlan] = []

    /// The descriptors that stage1 inherits.
    package struct Descriptors: Equatable, Sendable {
        /// The pod directory, locked: held until the pod has ended.
        package var lock: Int32
        /// The pod directory, for status and log files.
        package var podDirectory: Int32
        /// A sealed copy of stage1, which becomes PID 1.
        package var program: Int32
        /// The version 2 cgroup that PID 1 starts in.
        package var cgroup: Int32?
        /// Where whoever waits for the pod is told that all apps have started.
        package var serviceManager: Int32?
        /// The pod's network namespace, if it is made already: PID 1 starts in it.
        package var network: Int32?
        /// The host's network namespace, locked: held until the pod has ended.
        package var hostNetwork: Int32?

        /// The descriptors that stage1 inherits.
        package init(
            lock: Int32,
            podDirectory: Int32,
            program: Int32,
            cgroup: Int32? = nil,
            serviceManager: Int32? = nil
        ) {
            self.lock = lock
            self.podDirectory = podDirectory
            self.program = program
            self.cgroup = cgroup
            self.serviceManager = serviceManager
        }
    }

    /// A pod without apps yet.
    package init(uuid: String, namespaces: Int32, descriptors: Descriptors) {
        self.uuid = uuid
        self.namespaces = namespaces
        self.descriptors = descriptors
    }

    /// The plan's bytes.
    package func encoded() -> [UInt8] {
        var writer = PlanWriter()
        var flags: UInt32 = 0
        if isInteractive { flags |= plan_pod_interactive.rawValue }
        if prefixesOutput { flags |= plan_pod_prefix.rawValue }
        writer.record(plan_pod) {
            $0.integer(plan_magic)
            $0.integer(plan_version)
            $0.string(uuid)
            $0.integer(flags)
            $0.integer(namespaces)
            $0.integer(gracePeriod)
            $0.integer(logBytes)
            $0.integer(logFiles)
            $0.integer(descriptors.lock)
            $0.integer(descriptors.podDirectory)
            $0.integer(descriptors.program)
            $0.integer(descriptors.cgroup ?? -1)
            $0.integer(descriptors.serviceManager ?? -1)
            $0.integer(descriptors.network ?? -1)
            $0.integer(descriptors.hostNetwork ?? -1)
        }
        for directory in cgroupDirectories {
            writer.record(plan_remove_cgroup) { $0.string(directory) }
        }
        for step in endSteps { step.write(to: &writer) }
        for step in steps { step.write(to: &writer) }
        for app in apps { app.write(to: &writer) }
        writer.record(plan_end) { _ in }
        return writer.bytes
    }
}

/// One app of a pod.
package struct AppPlan: Equatable, Sendable {
    package var name: String
    /// The signal that asks it to end.
    package var stopSignal: Int32 = 15
    /// It gets a terminal of its own (`PodPlan.isInteractive`).
    package var hasTerminal = false
    /// Building its root, up to `.enterRoot` and what follows it.
    package var steps: [PlanStep]
    package var process: ProcessPlan
    /// Run to its end as root before the app; failing stops the pod.
    package var preStart: [String] = []
    /// Run as root when the app has ended.
    package var postStop: [String] = []

    /// An app that is built by steps and becomes a process.
    package init(name: String, steps: [PlanStep], process: ProcessPlan) {
        self.name = name
        self.steps = steps
        self.process = process
    }

    func write(to writer: inout PlanWriter) {
        var flags: UInt32 = 0
        if hasTerminal { flags |= plan_app_terminal.rawValue }
        if !preStart.isEmpty || !postStop.isEmpty { flags |= plan_app_handlers.rawValue }
        writer.record(plan_app) {
            $0.string(name)
            $0.integer(flags)
            $0.integer(stopSignal)
            for step in steps { step.write(to: &$0) }
            if !preStart.isEmpty { $0.record(plan_pre_start) { $0.strings(preStart) } }
            if !postStop.isEmpty { $0.record(plan_post_stop) { $0.strings(postStop) } }
            process.write(to: &$0)
        }
    }
}
