internal import Linux

/// Where on version 2 a pod's cgroup goes.
enum UnifiedParent: Equatable {
    /// Inside our own cgroup, which is ours alone: we step aside first, and the limits that somebody
    /// (a systemd unit) has set around us hold for the pod too.
    case own(directory: String, available: [Controller])
    /// Beside our own cgroup, where a user's systemd has delegated everything.
    case beside(directory: String, available: [Controller])
    /// In the engine's own directory at the top.
    case top(mountPoint: String, available: [Controller])
    /// Nowhere.
    case none

    /// Looks for the first place that will do.
    static func find(_ hierarchy: CgroupLayout.Hierarchy, isRootless: Bool) -> UnifiedParent {
        let own = hierarchy.ownDirectory
        let isTop = own == hierarchy.mountPoint
        if !isRoot(own), isAlone(in: own), isWritable(own) {
            return .own(directory: own, available: controllers(own, "cgroup.controllers"))
        }
        if !isRootless {
            let available = controllers(hierarchy.mountPoint, "cgroup.controllers")
            return .top(mountPoint: hierarchy.mountPoint, available: available)
        }
        guard !isTop, let slash = own.lastIndex(of: "/") else { return .none }
        let parent = String(own[..<slash])
        guard parent != hierarchy.mountPoint, isWritable(parent) else { return .none }
        return .beside(directory: parent, available: controllers(parent, "cgroup.subtree_control"))
    }

    /// The hierarchy's root is the one cgroup without a type; in a cgroup namespace the top has one.
    private static func isRoot(_ directory: String) -> Bool {
        (try? Directory(path: directory))?.contains("cgroup.type") == false
    }

    private static func isAlone(in directory: String) -> Bool {
        read(directory, "cgroup.procs") == "\(CurrentProcess.pid)\n"
    }

    /// Asks the way it will be used: the right to move processes is the right to write this file.
    private static func isWritable(_ directory: String) -> Bool {
        do throws(Errno) {
            _ = try Directory(path: directory).open("cgroup.procs", .writeOnly)
            return true
        } catch {
            return false
        }
    }

    private static func controllers(_ directory: String, _ file: String) -> [Controller] {
        parse(read(directory, file) ?? "")
    }

    /// The controllers we know in a list such as `cpuset cpu io memory pids`.
    static func parse(_ list: String) -> [Controller] {
        list.split(whereSeparator: \.isWhitespace).compactMap { Controller(rawValue: String($0)) }
    }

    private static func read(_ directory: String, _ file: String) -> String? {
        guard let bytes = try? Directory(path: directory).readFile(file) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
