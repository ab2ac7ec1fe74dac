/// A cgroup controller that a pod may need.
package enum Controller: String, CaseIterable, Sendable {
    case devices
    case pids
    case memory
    case cpu

    /// What an operator asked for when the controller turns out to be missing.
    var isolator: String {
        switch self {
        case .devices: "device policy"
        case .pids: "limit on processes"
        case .memory: "resource/memory isolator"
        case .cpu: "resource/cpu isolator"
        }
    }
}
