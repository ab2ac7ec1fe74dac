/// The directory a pod lies in, in the order a pod goes through them.
///
/// Together with the lock on the pod's own directory that is all there is to know about its state.
package enum PodPhase: String, CaseIterable, Sendable {
    /// A name is chosen, nothing is in the directory yet.
    case embryo
    /// Somebody holds the lock and sets the pod up, or has died doing so.
    case prepare
    /// The pod waits to be started.
    case prepared
    /// The supervisor holds the lock; without a lock the pod has exited.
    case run
    /// The pod has run and is marked for removal.
    case exitedGarbage = "exited-garbage"
    /// The pod has never run and is marked for removal.
    case garbage
}
