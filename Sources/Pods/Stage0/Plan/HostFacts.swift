package import Cgroups

/// What a plan depends on besides the pod: looked up once, before anything is decided.
package struct HostFacts: Equatable, Sendable {
    /// What the source of a host volume is.
    package enum Source: Equatable, Sendable {
        case directory
        case file
        case device(DeviceRule.Kind, major: UInt32, minor: UInt32)
    }

    /// The pod runs in a user namespace, so nothing in it is root on the host.
    package var isRootless = false
    /// Group 5, which owns terminals, is mapped in the namespace.
    package var hasTerminalGroup = true
    /// rkt's own score for the kernel's choice of what to kill when memory is short.
    package var oomScore = 0
    /// Processes can change their supplementary groups.
    package var canSetGroups = true
    /// The capabilities that rkt itself has, one bit each: nobody can give more.
    package var capabilities: UInt64 = .max
    /// How many processors have heat counters to hide.
    package var throttledProcessors = 0
    /// The kind of terminal rkt is on.
    package var terminal = "vt100"
    /// What AppArmor offers to pods.
    package var appArmor = AppArmor.off
    /// The sources of host volumes.
    package var sources: [String: Source] = [:]

    /// Whether a process can be made less likely to be killed than rkt is, and raise its limits.
    var canRaiseLimits: Bool { !isRootless && capabilities & 1 << 24 != 0 }

    /// A host of root's, without volumes.
    package init() {}
}
