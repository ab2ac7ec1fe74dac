package import Linux

/// A pod marked for removal.
package struct GarbagePod: ~Copyable {
    private let claim: PodClaim

    /// What is removed last, so that a removal that was cut short can be taken up again.
    private static let lastFiles = ["subcgroup", "pod"]

    init(_ claim: consuming PodClaim) { self.claim = claim }

    /// The pod's name.
    package var uuid: PodUUID { claim.uuid }

    /// The pod's directory, open and locked.
    package var directory: Directory {
        _read { yield claim.directory }
    }

    /// Removes the pod's directory; nothing outside is reached, neither through a link nor through a mount (R19).
    ///
    /// Its control groups must be gone by now: afterwards nobody knows their names.
    package consuming func remove() throws(PodError) {
        do throws(Errno) {
            try claim.directory.descriptor.lock(.exclusive)
            for entry in try claim.directory.entries() where !Self.lastFiles.contains(entry.name) {
                try claim.directory.removeTree(entry.name)
            }
            for name in Self.lastFiles { try claim.directory.removeTree(name) }
            try claim.parent.removeTree(claim.uuid.description)
        } catch {
            throw .remove(claim.uuid, error)
        }
    }
}

extension PodsDirectory {
    /// Takes a pod that is marked for removal; nil when somebody else has removed it.
    package func claimGarbage(_ location: PodLocation) throws(PodError) -> GarbagePod? {
        guard let claim = try claim(location.uuid, in: location.phase, .exclusive) else {
            return nil
        }
        return GarbagePod(claim)
    }

    /// Takes a pod whose preparation was cut short and marks it for removal; nil when it is being prepared.
    package func markAborted(_ uuid: PodUUID) throws(PodError) -> GarbagePod? {
        guard let claim = try claim(uuid, in: .prepare, .shared) else { return nil }
        return GarbagePod(try claim.move(to: .garbage))
    }

    /// Removes the empty directory of a pod whose maker has died; one that is just being made stays, or is made anew.
    package func removeEmbryo(_ uuid: PodUUID) throws(PodError) {
        guard let claim = try claim(uuid, in: .embryo, .shared) else { return }
        do throws(Errno) {
            try claim.parent.remove(uuid.description, directory: true)
        } catch {
            throw .remove(uuid, error)
        }
    }
}
