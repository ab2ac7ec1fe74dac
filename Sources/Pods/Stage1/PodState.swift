/// What the supervisor knows of the pod, and what follows from an event: no system calls, only decisions.
@safe struct PodState {
    /// What to do next.
    enum Action {
        case nothing
        /// Ask every running app to end, and see to it after a while.
        case stop
        /// Kill the apps, but let their handlers run.
        case killApps
        /// End the pod by force.
        case kill
    }

    private let apps: UnsafeMutablePointer<App>
    let count: Int
    private(set) var isStopping = false
    /// Handlers that still have to be waited for when the apps are overdue.
    private var hasHandlers: Bool
    private(set) var deadline: Int64?
    /// The pod's own failure (254) or that of the first app that failed.
    private(set) var exitCode: Int32 = 0

    struct App {
        var isStarted = false
        var status: Int32?
    }

    init(count: Int, hasHandlers: Bool = false) {
        self.count = count
        self.hasHandlers = hasHandlers
        unsafe apps = allocate(App.self, count)
        for index in 0..<count { unsafe apps[index] = App() }
    }

    subscript(_ index: Int) -> App { unsafe apps[index] }

    var areAllStarted: Bool {
        for index in 0..<count where unsafe !apps[index].isStarted { return false }
        return true
    }

    mutating func started(_ index: Int) { unsafe apps[index].isStarted = true }

    /// An app ended: the first that fails ends the pod with its status.
    mutating func exited(_ index: Int, _ status: Int32) -> Action {
        unsafe apps[index].status = status
        if status == 0 { return .nothing }
        if exitCode == 0 { exitCode = status }
        return isStopping ? .nothing : .stop
    }

    /// The pod itself could not be made.
    mutating func failed() -> Action {
        if exitCode == 0 { exitCode = 254 }
        return .kill
    }

    /// Somebody asked the pod to end: the apps have until the deadline.
    mutating func stopping(until deadline: Int64) {
        isStopping = true
        if let earlier = self.deadline, earlier <= deadline { return }
        self.deadline = deadline
    }

    /// The deadline has passed: that of the apps, or that of their handlers.
    mutating func overdue() -> Action {
        deadline = nil
        guard hasHandlers else { return .kill }
        hasHandlers = false
        return .killApps
    }

    /// The apps are being killed: their handlers have until the deadline.
    mutating func awaitHandlers(until deadline: Int64) { self.deadline = deadline }

    /// PID 1 has gone: apps that said nothing were killed with it.
    mutating func ended() {
        for index in 0..<count where unsafe apps[index].status == nil {
            unsafe apps[index].status = 137
            if exitCode == 0 { exitCode = 137 }
        }
    }
}
