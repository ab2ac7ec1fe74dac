internal import Linux

/// The cgroup hierarchies of a machine that aren't mounted where this process is.
///
/// `ip netns exec` gives the program it starts a `/sys` of its own, which hides what was mounted below the old one.
package enum HiddenHierarchies {
    /// Mounts them where PID 1 has them, in a mount namespace of this process's own.
    ///
    /// Comes before anything is opened that shall be mounted somewhere: what was opened before belongs to the old
    /// namespace. Where they aren't hidden this costs the reading of one directory; where they can't be mounted, by an
    /// ordinary user for instance, nothing is changed.
    package static func reveal() {
        let entries = try? Directory(path: CgroupMount.top).entries()
        guard let entries, entries.isEmpty,
            let table = try? readHostFile("/proc/1/mountinfo", limit: 1 << 20)
        else { return }
        let mounts = CgroupMount.all(in: table).filter(\.isNeededBelowTop)
        if !mounts.isEmpty { try? mount(mounts) }
    }

    private static func mount(_ mounts: [CgroupMount]) throws(Errno) {
        try CurrentProcess.unshareMounts()
        if mounts.contains(where: { $0.point != CgroupMount.top }) {
            try CurrentProcess.mount("tmpfs", on: CgroupMount.top, options: "mode=755")
        }
        for mount in mounts { try mount.mount() }
    }
}

extension CgroupMount {
    fileprivate var isNeededBelowTop: Bool {
        let isBelow = point == Self.top || point.hasPrefix(Self.top + "/")
        return isBelow && (isUnified || options.contains { Controller(rawValue: $0) != nil })
    }

    /// Mounts the hierarchy with the options it has: those of version 2 are the same for all its mounts, and `nsdelegate`
    /// would be gone from everybody's (the kernel's cgroup-v2.rst).
    fileprivate func mount() throws(Errno) {
        _ = try Directory.making(path: point)
        let type = isUnified ? "cgroup2" : "cgroup"
        let own = options.filter { $0 != "rw" }
        try CurrentProcess.mount(type, on: point, options: own.joined(separator: ","))
    }
}
