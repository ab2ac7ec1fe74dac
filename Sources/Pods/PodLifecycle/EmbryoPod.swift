internal import Linux

/// A pod that has a name and an empty directory.
///
/// The name isn't told yet: until ``preparing()`` gc may take the directory for one whose maker has died, and then
/// the pod gets another name.
package struct EmbryoPod: ~Copyable {
    private let claim: PodClaim

    init(_ claim: consuming PodClaim) { self.claim = claim }

    /// Makes the pod visible as one that is being prepared: from here on it is locked, or aborted.
    package consuming func preparing() throws(PodError) -> PreparingPod {
        let pods = claim.pods
        do throws(PodError) {
            return PreparingPod(try claim.move(to: .prepare))
        } catch {
            guard case .move(_, _, .noSuchFile) = error else { throw error }
            return try pods.create().preparing()
        }
    }
}
