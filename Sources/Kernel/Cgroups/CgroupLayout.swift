internal import Linux

/// Which cgroup hierarchies the machine has, and where this process is in them.
package struct CgroupLayout: Equatable, Sendable {
    /// A mounted hierarchy.
    package struct Hierarchy: Equatable, Sendable {
        /// Where it is mounted.
        package let mountPoint: String
        /// The directory of this process's own cgroup.
        package let ownDirectory: String
        /// Version 1: the controllers it has, named as the kernel names them.
        package let controllers: [String]
    }

    /// Version 1 hierarchies with a controller.
    package let legacy: [Hierarchy]
    /// The version 2 hierarchy; beside version 1 ones it has no controllers (hybrid).
    package let unified: Hierarchy?

    /// Whether all controllers are on version 2.
    package var isPureV2: Bool { legacy.isEmpty && unified != nil }

    /// The layout by where every distribution mounts the hierarchies; nil if it can't be so.
    ///
    /// The kernel takes 30 to 70 µs to print a mount table, at each start of a pod. A version 1
    /// directory of this layout may be absent: then ``mounted()`` tells.
    static func usual() throws(CgroupError) -> CgroupLayout? {
        let memberships = try memberships()
        let isHybrid = memberships.contains { !$0.isUnified }
        if !isHybrid, !CgroupMount.isUnifiedAtTop { return nil }
        let mounts = memberships.map { one in
            CgroupMount(usualFor: one.controllers, isHybrid: isHybrid)
        }
        return CgroupLayout(mounts: mounts, memberships: memberships)
    }

    /// The layout by the mount table of this process.
    static func mounted() throws(CgroupError) -> CgroupLayout {
        CgroupLayout(
            mounts: CgroupMount.all(in: try read("mountinfo")),
            memberships: try memberships()
        )
    }

    private static func memberships() throws(CgroupError) -> [CgroupMembershipLine] {
        CgroupMembershipLine.all(in: String(decoding: try read("cgroup"), as: UTF8.self))
    }

    private static func read(_ name: String) throws(CgroupError) -> [UInt8] {
        do throws(Errno) {
            return try Directory(path: "/proc/self").readFile(name)
        } catch {
            throw .read("/proc/self/\(name)", error)
        }
    }

    /// The layout from a mount table and the memberships of a process.
    init(mounts: [CgroupMount], memberships: [CgroupMembershipLine]) {
        var legacy: [Hierarchy] = []
        var unified: Hierarchy?
        // The first mount of a hierarchy wins; containers show some a second time.
        for mount in mounts {
            let own = memberships.first { mount.isUnified ? $0.isUnified : $0.names(mount) }
            guard let own else { continue }
            let hierarchy = Hierarchy(
                mountPoint: mount.point,
                ownDirectory: mount.directory(of: own.path),
                controllers: own.controllers
            )
            if mount.isUnified {
                unified = unified ?? hierarchy
            } else if !legacy.contains(where: { $0.controllers == own.controllers }) {
                legacy.append(hierarchy)
            }
        }
        self.legacy = legacy
        self.unified = unified
    }

    /// The version 1 hierarchy that has a controller.
    func legacyHierarchy(of controller: Controller) -> Hierarchy? {
        legacy.first { $0.controllers.contains(controller.rawValue) }
    }
}
