internal import Linux

/// A pod's directory whose lock this process holds: what the handles of all phases have in common.
struct PodClaim: ~Copyable {
    let uuid: PodUUID
    /// The pod's directory; its descriptor holds the lock.
    let directory: Directory
    /// The directory of the phase the pod is in.
    let parent: Directory
    let pods: PodsDirectory

    /// Moves the pod on; the lock stays.
    ///
    /// A failure gives the lock up: what is left is aborted or exited, and gc's.
    consuming func move(to phase: PodPhase) throws(PodError) -> PodClaim {
        do throws(Errno) {
            let target = try pods.phaseDirectory(phase)
            try parent.rename(uuid.description, to: target, as: uuid.description)
            return PodClaim(uuid: uuid, directory: directory, parent: target, pods: pods)
        } catch {
            throw .move(uuid, to: phase, error)
        }
    }
}

extension PodsDirectory {
    /// Opens a pod in one phase and takes its lock.
    ///
    /// A shared lock is only tried: somebody who prepares or runs the pod is in the way for long. An exclusive one is
    /// waited for: in the other phases locks are held for a moment, if only to ask for the state, or until the pod is gone.
    ///
    /// - Returns: nil when the pod is locked by somebody else, or isn't in this phase (any more).
    func claim(_ uuid: PodUUID, in phase: PodPhase, _ mode: LockMode) throws(PodError) -> PodClaim?
    {
        do throws(Errno) {
            let parent = try phaseDirectory(phase)
            let directory = try parent.directory(uuid.description)
            switch mode {
            case .shared: guard try directory.descriptor.tryLock(.shared) else { return nil }
            case .exclusive: try directory.descriptor.lock(.exclusive)
            }
            // Between opening and locking somebody else may have moved or removed the pod.
            let inode = try directory.descriptor.status().inode
            guard try parent.status(of: uuid.description).inode == inode else { return nil }
            return PodClaim(uuid: uuid, directory: directory, parent: parent, pods: self)
        } catch {
            if error == .noSuchFile { return nil }
            throw .open(uuid, error)
        }
    }
}
