/// How a pod's cgroup directories are called, so that they can be told from everybody else's.
enum PodCgroupName {
    /// Beside other people's cgroups.
    static func legacy(_ uuid: String) -> String { "rkt-\(uuid)" }

    /// In the engine's own directory at the top of version 2.
    static func unified(_ uuid: String) -> String { "pod-\(uuid)" }

    /// The engine's own directory.
    static let engine = "rkt"

    /// Whether an absolute path is the engine's own directory.
    static func isEngine(path: String) -> Bool { path.hasSuffix("/\(engine)") }

    /// Where rkt itself goes when the pod is made inside of its own cgroup.
    static let supervisor = "supervisor"

    /// PID 1, when apps have cgroups of their own: version 2 allows processes in leaves only.
    static let initial = "init"

    /// An app's own cgroup.
    static func app(_ name: String) -> String { "app-\(name)" }

    /// Whether an absolute path may be a pod's cgroup, so that we may kill and remove what is in it.
    static func isPod(path: String) -> Bool {
        let components = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard path.hasPrefix("/"), components.count >= 2, let last = components.last,
            components.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
        else { return false }
        return [legacy(""), unified("")].contains { last.hasPrefix($0) && last.count > $0.count }
    }

    /// A path's directory and its last component.
    static func split(_ path: String) -> (parent: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }
}
