/// What an app's root is made of.
package enum AppRoot: Equatable, Sendable {
    /// Layers of the store, bottom first, under a directory for changes (`overlay/APP`).
    case layers([String])
    /// A directory of the pod's own (`--no-overlay`).
    case copy

    /// Where a copied root lies, in the pod directory.
    static func copyPath(_ app: String) -> String { "stage1/rootfs/opt/stage2/\(app)/rootfs" }
}
