internal import Cgroups
internal import Linux
package import PodLifecycle
internal import Stage1ABI

/// What to run in a running app.
package struct EnterOptions: Equatable, Sendable {
    /// The command and its arguments.
    package var command: [String]
    /// The caller's kind of terminal.
    package var terminal = "vt100"
    /// The command gets a terminal of its own, connected to the caller's.
    package var hasTerminal = false
    /// Instead of the app's user and group: a number, a name in the app's files, or a path.
    package var user: String?
    package var group: String?
    /// Protections of the app that the command goes without.
    package var insecure: SandboxOpenings = []

    /// A command under all the app's protections.
    package init(command: [String]) { self.command = command }
}

extension Stage0 {
    /// Joins a running app: this process becomes the helper that does it, so this returns only by throwing.
    ///
    /// What holds for the app holds for the command, because both take it from the plan in the pod's directory
    /// (CVE-2019-10144, -10145, -10147); only the operator can take something off.
    package func enter(
        _ pod: borrowing ObservedPod,
        app: String,
        options: EnterOptions
    ) throws {
        let pid = try process(of: app, in: pod)
        let process = try step("find the app \"\(app)\"") { () throws(Errno) in
            try ProcessHandle(pid: pid)
        }
        // With the app's mark still there the number was the app's when we took hold of it (R18).
        guard try self.process(of: app, in: pod) == pid, try pod.isLocked() else {
            throw Stage0Error.app(app, reason: "it has exited")
        }
        let bytes = try step("read the pod's plan") { () throws(Errno) in
            try pod.directory.readFile(PodFiles.plan)
        }
        guard let stored = StoredAppPlan(app: app, in: bytes) else {
            throw Stage0Error.app(app, reason: "the pod was started by another version of rkt")
        }
        try process.descriptor.keepOnExec()
        let plan = EnterPlan(
            process: process.descriptor.number,
            namespaces: stored.namespaces | PodRun.cgroupNamespace,
            hasTerminal: options.hasTerminal,
            steps: try cgroups(of: app, in: pod) + stored.steps,
            program: try stored.process.entering(options)
        )
        let program = try stage1(of: pod.directory)
        let memory = try Descriptor.sealedMemory(name: "plan", plan.encoded())
        try execute("enter", plan: memory, program: program)
    }

    private func cgroups(
        of app: String,
        in pod: borrowing ObservedPod
    ) throws(CgroupError) -> [PlanStep] {
        try CgroupMembership.files(pod.cgroups(), app: app).map { .joinCgroup(hostFile: $0) }
    }

    /// The process id of a running app on the host.
    private func process(
        of app: String,
        in pod: borrowing ObservedPod
    ) throws(Stage0Error) -> Int32 {
        let file = PodFile.started(app)
        let text = (try? pod.directory.readFile(file, limit: 64)) ?? []
        let digits = String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self)
        guard let pid = Int32(digits), pid > 0, !pod.directory.contains(PodFile.status(of: app))
        else { throw .app(app, reason: "it is not running") }
        return pid
    }
}

extension ProcessPlan {
    /// The same confinement around another command; `insecure` takes some of it off.
    fileprivate func entering(_ options: EnterOptions) throws(Stage0Error) -> ProcessPlan {
        var plan = self
        plan.arguments = options.command
        plan.environment.removeAll { $0.hasPrefix("TERM=") }
        plan.environment.append("TERM=\(options.terminal)")
        if let user = options.user { plan.user = user }
        if let group = options.group { plan.group = group }
        if options.insecure.contains(.seccomp) { plan.seccomp = [] }
        if options.insecure.contains(.paths) { plan.label = "" }
        if options.insecure.contains(.capabilities) {
            let own = try step("read this process's capabilities") { () throws(Errno) in
                try CurrentProcess.capabilities().rawValue
            }
            plan.boundingSet = own
            plan.effectiveSet = own
            plan.noNewPrivileges = false
        }
        return plan
    }
}
