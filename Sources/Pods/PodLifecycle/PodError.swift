package import Linux

/// Why a pod can't be made, found, read, moved on or removed.
package enum PodError: Error, Equatable, CustomStringConvertible {
    /// The directory of all pods, or of those in one phase.
    case openPods(String, Errno)
    /// A new pod's directory.
    case create(Errno)
    /// No UUID was given.
    case emptyUUID
    /// No pod begins with what was typed.
    case notFound(String)
    /// More than one pod begins with what was typed.
    case ambiguous(String, matches: Int)
    /// The pod's directory.
    case open(PodUUID, Errno)
    /// The pod is in a state in which this can't be done to it.
    case wrongState(PodUUID, PodState, needed: String)
    /// The pod can't go on to its next phase.
    case move(PodUUID, to: PodPhase, Errno)
    /// A file of the pod.
    case read(PodUUID, file: String, reason: String)
    /// What is left of the pod can't be removed.
    case remove(PodUUID, Errno)

    package var description: String {
        switch self {
        case .openPods(let path, let error): "cannot open \"\(path)\": \(error)"
        case .create(let error): "cannot create a pod: \(error)"
        case .emptyUUID: "UUID cannot be empty"
        case .notFound(let prefix): "no matches found for \"\(printable(prefix))\""
        case .ambiguous(_, let matches): "ambiguous uuid, \(matches) matches"
        case .open(let uuid, let error): "cannot open pod \"\(uuid)\": \(error)"
        case .wrongState(let uuid, let state, let needed):
            "pod \"\(uuid)\" is \(state), not \(needed)"
        case .move(let uuid, let phase, let error):
            "cannot move pod \"\(uuid)\" to \"\(phase.rawValue)\": \(error)"
        case .read(let uuid, let file, let reason):
            "cannot read \"\(printable(file))\" of pod \"\(uuid)\": \(reason)"
        case .remove(let uuid, let error):
            if error == .busy || error == .crossDevice {
                "cannot remove pod \"\(uuid)\": something is mounted below it; unmount it and try again"
            } else {
                "cannot remove pod \"\(uuid)\": \(error)"
            }
        }
    }
}
