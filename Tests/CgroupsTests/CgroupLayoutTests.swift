import Testing

@testable import Cgroups

@Suite struct CgroupLayoutTests {
    @Test func pureVersion2() {
        let layout = CgroupLayout(
            mountInfo: """
                22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
                30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate

                """,
            membership: "0::/user.slice/user-1000.slice/session-3.scope\n"
        )
        #expect(layout.isPureV2)
        #expect(
            layout.unified?.ownDirectory
                == "/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope"
        )
    }

    @Test func hybridWithMountedTogetherControllers() {
        let layout = CgroupLayout(
            mountInfo: """
                31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
                32 31 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
                33 31 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
                34 31 0:31 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct
                35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
                """,
            membership: """
                4:memory:/process/abc
                3:cpu,cpuacct:/
                2:name=systemd:/init.scope
                0::/init.scope
                """
        )
        #expect(!layout.isPureV2)
        #expect(layout.legacy.count == 2)
        #expect(
            layout.legacyHierarchy(of: .memory)?.ownDirectory
                == "/sys/fs/cgroup/memory/process/abc"
        )
        #expect(layout.legacyHierarchy(of: .cpu)?.ownDirectory == "/sys/fs/cgroup/cpu,cpuacct")
        #expect(layout.legacyHierarchy(of: .devices) == nil)
    }

    /// In a container without a cgroup namespace only a part of the hierarchy is mounted.
    @Test func mountOfASubtree() {
        let layout = CgroupLayout(
            mountInfo: "35 31 0:32 /docker/1a /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n",
            membership: "8:pids:/docker/1a/inner\n"
        )
        #expect(
            layout.legacyHierarchy(of: .pids)?.ownDirectory == "/sys/fs/cgroup/pids/inner"
        )
    }

    @Test func escapedMountPoint() {
        let layout = CgroupLayout(
            mountInfo: #"35 31 0:32 / /mnt/c\040g\134 rw - cgroup2 none rw"#,
            membership: "0::/a b\n"
        )
        #expect(layout.unified?.ownDirectory == #"/mnt/c g\/a b"#)
    }

    @Test(arguments: [
        "", "\n\n", "35", "35 31 0:32 / - cgroup", "1 2 3 / /x rw - cgroup", " - cgroup cgroup rw",
        "35 31 0:32 / /sys/fs/cgroup rw - cgroupish none rw,pids",
    ])
    func brokenLinesAreNoHierarchies(mountInfo: String) {
        let layout = CgroupLayout(mountInfo: mountInfo, membership: "8:pids:/\n0::/\nnonsense\n")
        #expect(layout.legacy.isEmpty)
        #expect(layout.unified == nil)
    }

    @Test func usualPlacesAreTheDistributions() {
        let lines = CgroupMembershipLine.all(in: "5:cpu,cpuacct:/a\n4:freezer:/\n0::/b\n")
        #expect(lines.map(\.controllers) == [["cpu", "cpuacct"], []])
        let points = lines.map { CgroupMount(usualFor: $0.controllers, isHybrid: true).point }
        #expect(points == ["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/unified"])
        #expect(CgroupMount(usualFor: [], isHybrid: false).point == "/sys/fs/cgroup")
    }

    @Test func thisMachineHasALayout() throws {
        let layout = try CgroupLayout.mounted()
        #expect(layout.unified != nil || !layout.legacy.isEmpty)
    }
}

extension CgroupLayout {
    init(mountInfo: String, membership: String) {
        self.init(
            mounts: CgroupMount.all(in: Array(mountInfo.utf8)),
            memberships: CgroupMembershipLine.all(in: membership)
        )
    }
}
