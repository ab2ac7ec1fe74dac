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

    /// The layout of this machine as this process sees it.
    package static func current() throws(CgroupError) -> CgroupLayout {
        CgroupLayout(
            mountInfo: try read("mountinfo"),
            membership: String(decoding: try read("cgroup"), as: UTF8.self)
        )
    }

    private static func read(_ name: String) throws(CgroupError) -> [UInt8] {
        do throws(Errno) {
            return try Directory(path: "/proc/self").readFile(name)
        } catch {
            throw .read("/proc/self/\(name)", error)
        }
    }

    /// The layout from the texts of `/proc/self/mountinfo` and `/proc/self/cgroup`.
    init(mountInfo: [UInt8], membership: String) {
        let memberships = membership.split(separator: "\n").compactMap(Membership.init)
        var legacy: [Hierarchy] = []
        var unified: Hierarchy?
        // The first mount of a hierarchy wins; containers show some a second time.
        for mount in CgroupMount.all(in: mountInfo) {
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

/// One line of `/proc/self/cgroup`: `4:memory:/user.slice` or `0::/user.slice`.
private struct Membership {
    let controllers: [String]
    let path: String
    let isUnified: Bool

    init?(_ line: Substring) {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, fields[2].first == "/" else { return nil }
        isUnified = fields[0] == "0" && fields[1].isEmpty
        controllers = fields[1].split(separator: ",").map(String.init)
        path = String(fields[2])
        // A named hierarchy (name=systemd) has no controllers.
        if fields[1].hasPrefix("name=") { return nil }
    }

    func names(_ mount: CgroupMount) -> Bool {
        !isUnified && !controllers.isEmpty && controllers.allSatisfy(mount.options.contains)
    }
}
