/// One line of `/proc/self/cgroup`: `4:memory:/user.slice` or `0::/user.slice`.
struct CgroupMembershipLine {
    /// None on version 2.
    let controllers: [String]
    /// The cgroup, from the root of its hierarchy.
    let path: String
    let isUnified: Bool

    /// The lines that matter to a pod.
    static func all(in text: String) -> [CgroupMembershipLine] {
        text.split(separator: "\n").compactMap(CgroupMembershipLine.init)
    }

    private init?(_ line: Substring) {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, fields[2].first == "/" else { return nil }
        isUnified = fields[0] == "0" && fields[1].isEmpty
        controllers = fields[1].split(separator: ",").map(String.init)
        path = String(fields[2])
        // Of the other hierarchies, such as freezer or name=systemd, a pod needs nothing.
        let isNeeded = controllers.contains { Controller(rawValue: $0) != nil }
        if !isUnified, !isNeeded { return nil }
    }

    /// Whether the mount is of this version 1 hierarchy.
    func names(_ mount: CgroupMount) -> Bool {
        !isUnified && !controllers.isEmpty && controllers.allSatisfy(mount.options.contains)
    }
}
