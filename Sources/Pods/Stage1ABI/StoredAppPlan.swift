internal import CStage1Plan

/// What a stored plan says about one app's confinement: enough to confine another process just alike.
package struct StoredAppPlan: Equatable, Sendable {
    /// The steps of the app that every process in it takes: keyring, limits, score.
    package var steps: [PlanStep] = []
    package var process: ProcessPlan
    /// The namespaces that the pod doesn't share with the host: the bits of `clone(2)`.
    package var namespaces: Int32

    /// Finds an app in the bytes of a ``PodPlan``; nil if they have no such app or are of another version.
    package init?(app name: String, in plan: [UInt8]) {
        var records = PlanReader(plan[...])
        guard let head = records.next(), head.kind == plan_pod,
            let namespaces = Self.namespaces(head.payload),
            var payload = records.first(where: { $0.kind == plan_app && $0.isNamed(name) })?.payload
        else { return nil }
        // Name, flags and stop signal stand before the app's own records.
        guard payload.string() != nil, payload.integer() != nil, payload.integer() != nil else {
            return nil
        }
        var process: ProcessPlan?
        var steps: [PlanStep] = []
        while let record = payload.next() {
            if record.kind == plan_process { process = ProcessPlan(record.payload) }
            if let step = PlanStep(ofProcess: record) { steps.append(step) }
        }
        guard let process else { return nil }
        self.steps = steps
        self.process = process
        self.namespaces = namespaces
    }

    private static func namespaces(_ head: PlanReader) -> Int32? {
        var head = head
        guard head.integer() == Int64(plan_magic),
            head.integer() == Int64(plan_version),
            head.string() != nil, head.integer() != nil, let bits = head.integer()
        else { return nil }
        return Int32(truncatingIfNeeded: bits)
    }
}

extension PlanReader.Record {
    fileprivate func isNamed(_ name: String) -> Bool {
        var payload = payload
        return payload.string() == name
    }
}

extension PlanStep {
    /// The step of a record, if it is about a process rather than about building a root.
    fileprivate init?(ofProcess record: PlanReader.Record) {
        var payload = record.payload
        switch record.kind {
        case plan_keyring:
            self = .keyring
        case plan_limit:
            guard let resource = payload.integer(), let soft = payload.integer(),
                let hard = payload.integer()
            else { return nil }
            self = .limit(
                resource: Int32(truncatingIfNeeded: resource),
                soft: UInt64(bitPattern: soft),
                hard: UInt64(bitPattern: hard)
            )
        case plan_oom_score:
            guard let score = payload.string().flatMap({ Int($0) }) else { return nil }
            self = .oomScoreAdjustment(score)
        default:
            return nil
        }
    }
}

extension ProcessPlan {
    fileprivate init?(_ record: PlanReader) {
        var record = record
        guard let arguments = record.strings(), let environment = record.strings(),
            let workingDirectory = record.string(), let flags = record.integer(),
            let user = record.string(), let group = record.string(),
            let groups = record.integers(), let bounding = record.integer(),
            let effective = record.integer(), let filter = record.data(),
            let label = record.string()
        else { return nil }
        func has(_ flag: plan_process_flag) -> Bool { flags & Int64(flag.rawValue) != 0 }
        self.init(
            arguments: arguments,
            environment: environment,
            workingDirectory: workingDirectory,
            user: user,
            group: group,
            boundingSet: UInt64(bitPattern: bounding),
            effectiveSet: UInt64(bitPattern: effective),
            noNewPrivileges: has(plan_process_no_new_privileges)
        )
        makesWorkingDirectory = has(plan_process_make_working_directory)
        takesGroupsOfUser = has(plan_process_groups_of_user)
        keepsGroups = has(plan_process_keep_groups)
        supplementaryGroups = groups.map { UInt32(truncatingIfNeeded: $0) }
        seccomp = filter
        self.label = label
    }
}
