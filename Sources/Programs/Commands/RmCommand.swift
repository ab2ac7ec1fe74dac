internal import PodLifecycle

/// `rkt rm`.
struct RmCommand: Command {
    static let name = "rm"
    static let summary = "Remove all files and resources associated with an exited pod"
    static let usage = "UUID ..."
    static let needsUserNamespace = true

    static var flags: [Flag<Self>] { [PodOperands.flag(\.pods)] }

    private var pods = PodOperands()

    mutating func run(_ context: Context) throws {
        let directory = try context.pods()
        var hasFailed = false
        for prefix in try pods.prefixes(context) {
            do {
                let uuid = try directory.find(prefix)
                let garbage = try directory.markForRemoval(uuid)
                try context.release(garbage)
                try garbage.remove()
                context.print("\"\(uuid)\"")
            } catch {
                context.complain("\(error)")
                hasFailed = true
            }
        }
        try context.collectNetworks()
        if hasFailed { throw CommandError.failed("failed to remove one or more pods") }
    }
}
