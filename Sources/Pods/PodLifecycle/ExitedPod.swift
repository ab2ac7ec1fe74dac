internal import Linux

/// A pod whose supervisor has ended.
///
/// The lock is a shared one: nobody can start the pod again, and those who ask meanwhile still see `exited`.
package struct ExitedPod: ~Copyable {
    private let claim: PodClaim

    init(_ claim: consuming PodClaim) { self.claim = claim }

    /// The pod's name.
    package var uuid: PodUUID { claim.uuid }

    /// Marks the pod for removal; its grace period counts from here.
    package consuming func garbage() throws(PodError) -> GarbagePod {
        GarbagePod(try claim.move(to: .exitedGarbage))
    }
}

extension PodsDirectory {
    /// Takes a pod whose supervisor has ended; nil when it runs, or isn't there (any more).
    package func claimExited(_ uuid: PodUUID) throws(PodError) -> ExitedPod? {
        guard let claim = try claim(uuid, in: .run, .shared) else { return nil }
        return ExitedPod(claim)
    }
}
