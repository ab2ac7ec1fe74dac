package import Linux

/// A pod as it looks to somebody who doesn't hold its lock.
package struct ObservedPod: ~Copyable {
    /// The pod's name.
    package let uuid: PodUUID
    /// The phase it was in when it was opened.
    package let phase: PodPhase
    /// The pod's directory, wherever it moves.
    package let directory: Directory

    /// Whether somebody prepares, runs or removes the pod.
    package func isLocked() throws(PodError) -> Bool {
        do throws(Errno) {
            guard try directory.descriptor.tryLock(.shared) else { return true }
            try directory.descriptor.unlock()
            return false
        } catch {
            throw .open(uuid, error)
        }
    }

    /// The state, if the pod is still in the phase it was opened in.
    package func state() throws(PodError) -> PodState {
        PodState(phase: phase, isLocked: try isLocked())
    }
}

extension PodsDirectory {
    /// Opens a pod wherever it is.
    package func observe(_ uuid: PodUUID) throws(PodError) -> ObservedPod {
        // A pod may move on between two looks, but only forwards: a second round meets it.
        for _ in 0..<2 {
            for phase in PodPhase.allCases {
                if let pod = try observe(PodLocation(uuid: uuid, phase: phase)) { return pod }
            }
        }
        throw .notFound(uuid.description)
    }

    /// Whether a pod is being started or runs.
    package func isRunning(_ uuid: PodUUID) -> Bool {
        guard let pod = try? observe(PodLocation(uuid: uuid, phase: .run)) else { return false }
        return (try? pod.isLocked()) ?? false
    }

    /// Opens a pod where it was seen; nil when it isn't there any more.
    package func observe(_ location: PodLocation) throws(PodError) -> ObservedPod? {
        do throws(Errno) {
            let directory = try open(location)
            return ObservedPod(
                uuid: location.uuid,
                phase: location.phase,
                directory: directory
            )
        } catch {
            if error == .noSuchFile { return nil }
            throw .open(location.uuid, error)
        }
    }
}
