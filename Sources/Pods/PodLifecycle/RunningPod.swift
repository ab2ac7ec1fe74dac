package import Linux

/// A pod that runs from now on until the last holder of its lock ends.
package struct RunningPod: ~Copyable {
    private let claim: PodClaim

    init(_ claim: consuming PodClaim) { self.claim = claim }

    /// The pod's name.
    package var uuid: PodUUID { claim.uuid }

    /// The pod's directory, open and locked.
    package var directory: Directory {
        _read { yield claim.directory }
    }

    /// Gives up the handle for the descriptor that holds the lock.
    ///
    /// The supervisor inherits it (`RKT_LOCK_FD`) and nobody else: as long as it is open the pod counts as running.
    package consuming func lockDescriptor() -> Descriptor {
        claim.directory.intoDescriptor()
    }
}
