package import Linux

/// A pod whose files are being put in place; if this process dies it is `aborted prepare`, and gc's.
package struct PreparingPod: ~Copyable {
    private let claim: PodClaim

    init(_ claim: consuming PodClaim) { self.claim = claim }

    /// The pod's name.
    package var uuid: PodUUID { claim.uuid }

    /// The pod's directory, open and locked.
    package var directory: Directory {
        _read { yield claim.directory }
    }

    /// Ends the preparation for a start at any later time: after this returns a power cut loses nothing.
    package consuming func prepared() throws(PodError) -> PreparedPod {
        let uuid = claim.uuid
        do throws(Errno) {
            try claim.directory.descriptor.syncFileSystem()
        } catch {
            throw .move(uuid, to: .prepared, error)
        }
        let claim = try self.claim.move(to: .prepared)
        do throws(Errno) {
            try claim.parent.descriptor.sync()
        } catch {
            throw .move(uuid, to: .prepared, error)
        }
        return PreparedPod(claim)
    }

    /// Goes on to the start without a stop.
    ///
    /// Nothing is synced: after a power cut the pod is `exited` whatever the disk remembers of it.
    package consuming func running() throws(PodError) -> RunningPod {
        RunningPod(try claim.move(to: .run))
    }
}
