package import Linux
package import Seccomp

/// Why a pod can't be prepared, started or entered.
package enum Stage0Error: Error, CustomStringConvertible {
    /// A flag has a value that means nothing, or flags contradict each other.
    case flag(String)
    /// The pod asks for what can't be.
    case manifest(String)
    /// One app asks for what can't be.
    case app(String, reason: String)
    /// The source of a volume isn't there.
    case volumeSource(String, Errno)
    /// The app's seccomp isolator means nothing.
    case seccomp(app: String, SeccompError)
    /// A configuration file can't be read.
    case configuration(String, reason: String)
    /// The kernel doesn't let an ordinary user have a user namespace.
    case userNamespace(String)
    /// AppArmor doesn't take our profile.
    case appArmor(String)
    /// A program of ours is not where it was installed.
    case program(String, Errno)
    /// A step failed in the kernel.
    case system(String, Errno)

    package var description: String {
        switch self {
        case .flag(let reason), .manifest(let reason): reason
        case .app(let name, let reason): "app \"\(name)\": \(reason)"
        // rkt's own words, capital and all: scripts look for them.
        case .volumeSource(let path, let error): "Failed to stat \(path): \(error)"
        case .seccomp(let app, let error): "app \"\(app)\": \(error)"
        case .configuration(let path, let reason): "cannot read \"\(path)\": \(reason)"
        case .userNamespace(let reason): "cannot make a user namespace: \(reason)"
        case .appArmor(let reason): "cannot load the AppArmor profile: \(reason)"
        case .program(let path, let error):
            "cannot open \"\(path)\": \(error) (rkt and lib/rkt must be installed together)"
        case .system(let step, let error): "cannot \(step): \(error)"
        }
    }
}
