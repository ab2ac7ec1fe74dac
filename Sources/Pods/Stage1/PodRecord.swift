internal import CFreestanding
internal import CStage1Plan

/// What a plan says to the supervisor.
@safe struct PodRecord {
    private(set) var isInteractive = false
    private(set) var prefixesOutput = false
    private(set) var namespaces: UInt64 = 0
    private(set) var gracePeriod: Int64 = 0
    private(set) var logBytes: Int64 = 0
    private(set) var logFiles = 0
    private(set) var lock: Int32 = -1
    private(set) var directory: Int32 = -1
    private(set) var program: Int32 = -1
    private(set) var cgroup: Int32 = -1
    private(set) var serviceManager: Int32 = -1
    private(set) var apps: UnsafeMutablePointer<AppRecord>
    private(set) var appCount = 0
    private(set) var cgroups: UnsafeMutablePointer<Text>
    private(set) var cgroupCount = 0
    private(set) var network: Int32 = -1
    private(set) var hostNetwork: Int32 = -1
    private(set) var endSteps: UnsafeMutablePointer<EndStep>
    private(set) var endStepCount = 0
    /// A program runs when the pod has ended, and gets to see its network namespace.
    private(set) var hasEndProgram = false

    /// Something runs after an app's end, so that an app is killed by itself before the pod is.
    var hasHandlers: Bool {
        for index in 0..<appCount where unsafe apps[index].hasHandlers { return true }
        return false
    }

    private static let mostCgroups = 1024
    private static let mostEndSteps = 1024

    init(_ plan: PlanReader) {
        var plan = plan
        unsafe apps = allocate(AppRecord.self, AppRecord.most)
        unsafe cgroups = allocate(Text.self, PodRecord.mostCgroups)
        unsafe endSteps = allocate(EndStep.self, PodRecord.mostEndSteps)
        while var record = plan.next() {
            switch record.kind {
            case plan_pod: read(&record.payload)
            case plan_remove_cgroup where cgroupCount < PodRecord.mostCgroups:
                unsafe cgroups[cgroupCount] = record.payload.text()
                cgroupCount += 1
            case plan_end_remove, plan_end_strike, plan_end_filter, plan_end_filter_last,
                plan_end_execute where endStepCount < PodRecord.mostEndSteps:
                unsafe endSteps[endStepCount] = EndStep(record.kind, record.payload)
                endStepCount += 1
                if record.kind == plan_end_execute { hasEndProgram = true }
            case plan_app where appCount < AppRecord.most:
                unsafe apps[appCount] = AppRecord(record.payload)
                appCount += 1
            default: break
            }
        }
    }

    private mutating func read(_ record: inout PlanReader) {
        guard record.integer() == UInt64(plan_magic), record.integer() == UInt64(plan_version)
        else {
            fail("the plan is of another version of rkt")
        }
        _ = record.text()
        let flags = UInt32(truncatingIfNeeded: record.integer())
        isInteractive = flags & plan_pod_interactive.rawValue != 0
        prefixesOutput = flags & plan_pod_prefix.rawValue != 0
        namespaces = record.integer()
        gracePeriod = Int64(record.int())
        logBytes = Int64(record.int())
        logFiles = record.int()
        lock = record.descriptor()
        directory = record.descriptor()
        program = record.descriptor()
        cgroup = record.descriptor()
        serviceManager = record.descriptor()
        network = record.descriptor()
        hostNetwork = record.descriptor()
    }
}
