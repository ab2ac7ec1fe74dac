internal import Linux

/// One removal of what pods left behind, by any number of processes at once.
///
/// A pod that can't be handled is reported and never stops the others.
package struct GarbageCollection: ~Copyable {
    /// What there is to say about a pod.
    package enum Event {
        /// The pod has exited and is marked; the grace period counts from now.
        case marked(PodUUID)
        /// The pod is still within its grace period.
        case kept(PodUUID)
        /// The pod is being removed.
        case removing(PodUUID)
        /// Something didn't work; it will be tried again next time.
        case failed(any Error)
    }

    private let pods: PodsDirectory
    private let release: (borrowing GarbagePod) throws -> Void
    private let report: (Event) -> Void

    /// Collects in a directory of pods.
    ///
    /// - Parameters:
    ///   - release: gives back what a pod holds outside its directory (control groups), before that is removed.
    ///   - report: is told what happens.
    package init(
        _ pods: PodsDirectory,
        release: @escaping (borrowing GarbagePod) throws -> Void,
        report: @escaping (Event) -> Void
    ) {
        self.pods = pods
        self.release = release
        self.report = report
    }

    /// Marks what has exited or was never finished.
    package func mark() throws(PodError) {
        for location in try pods.list([.run]) {
            attempt {
                guard let pod = try pods.claimExited(location.uuid) else { return }
                _ = try pod.garbage()
                report(.marked(location.uuid))
            }
        }
        for location in try pods.list([.embryo]) {
            attempt { try pods.removeEmbryo(location.uuid) }
        }
        for location in try pods.list([.prepare]) {
            attempt {
                if try pods.markAborted(location.uuid) != nil { report(.marked(location.uuid)) }
            }
        }
    }

    /// Marks prepared pods that nobody has started for longer than `age` seconds.
    package func markPrepared(olderThan age: Int64) throws(PodError) {
        for location in try pods.list([.prepared]) {
            attempt {
                guard try isOlder(location, than: age) else { return }
                _ = try pods.claimPrepared(location.uuid).garbage()
                report(.marked(location.uuid))
            }
        }
    }

    /// Removes pods that were marked more than `grace` seconds ago, and those that have never run at once.
    package func sweep(grace: Int64) throws(PodError) {
        for location in try pods.list([.exitedGarbage]) {
            attempt {
                guard try isOlder(location, than: grace) else {
                    return report(.kept(location.uuid))
                }
                try remove(location)
            }
        }
        for location in try pods.list([.garbage]) { attempt { try remove(location) } }
    }

    /// Removes a pod that is marked.
    private func remove(_ location: PodLocation) throws {
        guard let pod = try pods.claimGarbage(location) else { return }
        report(.removing(location.uuid))
        try release(pod)
        try pod.remove()
    }

    /// A rename is a change of the directory: the time counts from the mark, or from the end of the preparation.
    private func isOlder(_ location: PodLocation, than seconds: Int64) throws -> Bool {
        guard let pod = try pods.observe(location) else { return false }
        let changed = try pod.directory.descriptor.status().changed
        let (due, overflow) = changed.seconds.addingReportingOverflow(seconds)
        return !overflow && due <= Time.now().seconds
    }

    private func attempt(_ body: () throws -> Void) {
        do { try body() } catch { report(.failed(error)) }
    }
}
