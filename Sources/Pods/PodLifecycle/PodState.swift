/// What a pod is doing, computed from where its directory lies and whether that is locked; never stored.
package enum PodState: String, CaseIterable, Sendable, CustomStringConvertible {
    case embryo
    case preparing
    case abortedPrepare = "aborted prepare"
    case prepared
    case running
    case exited
    case exitedDeleting = "exited deleting"
    case exitedGarbage = "exited garbage"
    case deleting
    case garbage

    /// The state that a phase and a lock amount to.
    package init(phase: PodPhase, isLocked: Bool) {
        self =
            switch (phase, isLocked) {
            case (.embryo, _): .embryo
            case (.prepare, true): .preparing
            case (.prepare, false): .abortedPrepare
            case (.prepared, _): .prepared
            case (.run, true): .running
            case (.run, false): .exited
            case (.exitedGarbage, true): .exitedDeleting
            case (.exitedGarbage, false): .exitedGarbage
            case (.garbage, true): .deleting
            case (.garbage, false): .garbage
            }
    }

    /// Whether the pod was past running when it was looked at.
    package var isAfterRun: Bool {
        switch self {
        case .exited, .exitedDeleting, .exitedGarbage, .deleting, .garbage: true
        case .embryo, .preparing, .abortedPrepare, .prepared, .running: false
        }
    }

    /// Whether nothing will ever run in the pod again.
    package var isFinished: Bool { isAfterRun || self == .abortedPrepare }

    /// Whether the pod runs or has run: only then there are processes, logs and exit codes.
    package var hasStarted: Bool {
        switch self {
        case .running, .exited, .exitedDeleting, .exitedGarbage: true
        case .embryo, .preparing, .abortedPrepare, .prepared, .deleting, .garbage: false
        }
    }

    /// The name rkt prints.
    package var description: String { rawValue }
}
