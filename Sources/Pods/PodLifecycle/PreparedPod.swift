package import Linux

/// A pod that is complete and waits to be started; the lock keeps others from starting or removing it.
package struct PreparedPod: ~Copyable {
    private let claim: PodClaim

    init(_ claim: consuming PodClaim) { self.claim = claim }

    /// The pod's name.
    package var uuid: PodUUID { claim.uuid }

    /// The pod's directory, open and locked.
    package var directory: Directory {
        _read { yield claim.directory }
    }

    /// Goes on to the start.
    package consuming func running() throws(PodError) -> RunningPod {
        RunningPod(try claim.move(to: .run))
    }

    /// Marks the pod for removal.
    package consuming func garbage() throws(PodError) -> GarbagePod {
        GarbagePod(try claim.move(to: .garbage))
    }
}

extension PodsDirectory {
    /// Takes a prepared pod, to start or to remove it.
    package func claimPrepared(_ uuid: PodUUID) throws(PodError) -> PreparedPod {
        guard let claim = try claim(uuid, in: .prepared, .exclusive) else {
            throw .wrongState(uuid, try observe(uuid).state(), needed: "prepared")
        }
        return PreparedPod(claim)
    }
}
