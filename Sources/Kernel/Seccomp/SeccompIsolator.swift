/// The app's `os/linux/seccomp-retain-set` or `os/linux/seccomp-remove-set` (appc § Isolators).
package struct SeccompIsolator: Equatable, Sendable {
    /// How the set is meant.
    package enum Mode: Equatable, Sendable {
        /// Only the set is allowed.
        case retain
        /// Everything but the set is allowed.
        case remove
    }

    package let mode: Mode
    /// Names of system calls and of sets, for example `mount` or `@systemd/clock`.
    package let set: [String]
    /// The name of the error that a refused call gets; nil for EPERM.
    package let errno: String?

    package init(mode: Mode, set: [String], errno: String? = nil) {
        self.mode = mode
        self.set = set
        self.errno = errno
    }
}
