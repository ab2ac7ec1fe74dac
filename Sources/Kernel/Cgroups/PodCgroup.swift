/// The cgroups of a pod: where they are and how its processes get in.
package struct PodCgroup: Equatable, Sendable {
    /// The pod's directories on the host, one per hierarchy: the lines of its `subcgroup` file.
    package internal(set) var directories: [String] = []
    /// Everything to remove with `rmdir(2)` when the pod has ended, children first.
    package internal(set) var removalOrder: [String] = []
    /// Version 2: the directory that PID 1 is to start in (`CLONE_INTO_CGROUP`).
    package internal(set) var initialDirectory: String?
    /// Version 1: the files to which PID 1 writes `0`, as its first act.
    package internal(set) var initialFiles: [String] = []
    /// The files to which an app's first process writes `0`; apps that aren't in it stay with PID 1.
    ///
    /// They have to be opened from outside of the pod's cgroup namespace, whose root is PID 1's cgroup.
    package internal(set) var appFiles: [String: [String]] = [:]
    /// What the operator should know, one sentence each, without the word "warning".
    package internal(set) var warnings: [String] = []

    /// Makes the pod's cgroups and sets their limits; on failure nothing is left.
    ///
    /// - Parameters:
    ///   - request: what the pod and its apps may use.
    ///   - record: is told the directories before they are made, maybe twice, so that gc finds them whenever this
    ///     process is killed.
    package static func create(
        _ request: CgroupRequest,
        record: ([String]) throws(CgroupError) -> Void = { _ throws(CgroupError) in }
    ) throws(CgroupError) -> PodCgroup {
        do throws(CgroupError) {
            if let layout = try CgroupLayout.usual() {
                return try create(request, layout: layout, record: record)
            }
        } catch {
            guard error.meansAbsence else { throw error }
        }
        return try create(request, layout: .mounted(), record: record)
    }

    private static func create(
        _ request: CgroupRequest,
        layout: CgroupLayout,
        record: ([String]) throws(CgroupError) -> Void
    ) throws(CgroupError) -> PodCgroup {
        let plan = try CgroupPlan.make(request, layout: layout)
        try record(plan.result.directories)
        for _ in 0..<attempts {
            do throws(CgroupError) {
                try plan.perform()
                return plan.result
            } catch {
                // The first error is the one to tell; gc finds what may still be there by its name.
                try? CgroupRemoval.remove(plan.result.directories)
                // Whoever removes the last pod takes the engine's own directory along, maybe from
                // under us.
                guard error.meansAbsence, plan.result.sharesEngineDirectory else { throw error }
            }
        }
        try plan.perform()
        return plan.result
    }

    private static let attempts = 16

    private var sharesEngineDirectory: Bool {
        directories.contains { PodCgroupName.isEngine(path: PodCgroupName.split($0).parent) }
    }
}
