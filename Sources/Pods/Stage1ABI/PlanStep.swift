internal import CStage1Plan

/// One step of setting up a pod or an app, decided by stage0 and carried out by stage1 in order.
///
/// Paths called `target` or `path` are inside the app's root and can't leave it; `host…` paths are the host's, absolute or
/// relative to the pod directory.
package enum PlanStep: Equatable, Sendable {
    /// Moves PID 1 (or the app) into a version 1 cgroup by writing `0` to its `tasks` file.
    case joinCgroup(hostFile: String)
    /// Leaves namespaces behind: the bits of `clone(2)`.
    case unshare(Int32)
    case hostname(String)
    /// Brings up the pod's loopback interface.
    case loopback
    /// Writes a host file as seen from the pod's namespaces (`/proc/sys/…`).
    case write(hostPath: String, text: String, isOptional: Bool)
    /// The app's root: layers from the top down below a directory for changes; no `upper` means read-only.
    case overlayRoot(
        hostTarget: String,
        lowers: [String],
        upper: String?,
        work: String?,
        attributes: MountAttributes
    )
    /// The app's root: a directory of its own.
    case bindRoot(hostTarget: String, hostSource: String, attributes: MountAttributes)
    /// A new file system at a path in the root, made with `mode` if missing.
    case mount(
        type: String,
        target: String,
        mode: UInt32 = 0o755,
        attributes: MountAttributes,
        options: [MountOption] = [],
        isOptional: Bool = false
    )
    /// A new file system at a host path, seen only inside the pod (PID 1's step: what apps share).
    case mountOnHostPath(
        type: String,
        hostTarget: String,
        attributes: MountAttributes,
        options: [MountOption] = []
    )
    case bind(
        hostSource: String,
        target: String,
        attributes: MountAttributes,
        flags: BindFlags = []
    )
    case bindInside(
        source: String,
        target: String,
        attributes: MountAttributes,
        flags: BindFlags = []
    )
    case directory(path: String, mode: UInt32)
    case symbolicLink(to: String, path: String, ifAbsent: Bool = true)
    /// A device node; `mode` holds the permission bits.
    case characterDevice(path: String, mode: UInt32, major: UInt32, minor: UInt32)
    /// Hides what is at a path, if there is something.
    case mask(path: String)
    /// Makes what is at a path read-only, if there is something.
    case readOnly(path: String)
    /// Makes the root the only thing there is: `pivot_root(2)`, the host's mounts are gone; then the root gets `attributes`.
    case enterRoot(attributes: MountAttributes)
    /// Copies a directory of the root, with owners and modes, into an empty host directory (a new volume).
    case copyUp(path: String, hostDestination: String)
    /// A terminal of the app's own `devpts` becomes its console and standard streams.
    case console
    /// A session keyring of its own.
    case keyring
    /// A resource limit by the kernel's number; stage1 clamps to what the host allows.
    case limit(resource: Int32, soft: UInt64, hard: UInt64)
    case oomScoreAdjustment(Int)

    func write(to writer: inout PlanWriter) {
        switch self {
        case .joinCgroup(let hostFile):
            writer.record(plan_join_cgroup) { $0.string(hostFile) }
        case .unshare(let namespaces):
            writer.record(plan_unshare) { $0.integer(namespaces) }
        case .hostname(let name):
            writer.record(plan_hostname) { $0.string(name) }
        case .loopback:
            writer.record(plan_loopback) { _ in }
        case .write(let hostPath, let text, let isOptional):
            writer.record(plan_write) {
                $0.string(hostPath)
                $0.string(text)
                $0.flag(isOptional)
            }
        case .overlayRoot, .bindRoot, .mount, .mountOnHostPath, .bind, .bindInside:
            writeMount(to: &writer)
        case .directory(let path, let mode):
            writer.record(plan_directory) {
                $0.string(path)
                $0.integer(mode)
            }
        case .symbolicLink(let target, let path, let ifAbsent):
            writer.record(plan_symlink) {
                $0.string(target)
                $0.string(path)
                $0.flag(ifAbsent)
            }
        case .characterDevice(let path, let mode, let major, let minor):
            writer.record(plan_node) {
                $0.string(path)
                $0.integer(0o020000 | mode)
                $0.integer(major)
                $0.integer(minor)
            }
        case .mask(let path):
            writer.record(plan_mask) { $0.string(path) }
        case .readOnly(let path):
            writer.record(plan_read_only) { $0.string(path) }
        case .enterRoot(let attributes):
            writer.record(plan_enter_root) { $0.integer(attributes.rawValue) }
        case .copyUp(let path, let hostDestination):
            writer.record(plan_copy_up) {
                $0.string(path)
                $0.string(hostDestination)
            }
        case .console:
            writer.record(plan_console) { _ in }
        case .keyring:
            writer.record(plan_keyring) { _ in }
        case .limit(let resource, let soft, let hard):
            writer.record(plan_limit) {
                $0.integer(resource)
                $0.integer(soft)
                $0.integer(hard)
            }
        case .oomScoreAdjustment(let score):
            writer.record(plan_oom_score) { $0.string(String(score)) }
        }
    }
}

/// How a bind mount treats its source and target.
package struct BindFlags: OptionSet, Sendable, Hashable {
    package let rawValue: UInt64

    /// Flags from the plan's bits.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// With everything mounted below the source.
    package static let recursive = BindFlags(rawValue: 1)
    /// A missing target is made as an empty file, not as a directory.
    package static let file = BindFlags(rawValue: 2)
    /// An absent source or target is fine, and nothing is made.
    package static let optional = BindFlags(rawValue: 4)
    /// A symbolic link as the target's last component is refused rather than followed.
    package static let refuseLink = BindFlags(rawValue: 8)
    /// What is at the target already stays, and nothing is bound.
    package static let ifAbsent = BindFlags(rawValue: 16)
    /// A missing target that can't be made, because all around it is read-only, is fine.
    package static let unlessReadOnly = BindFlags(rawValue: 32)
}
