import Foundation
package import Testing

/// What the machine under the tests offers.
package enum Machine {
    /// Whether the tests run as root.
    package static let isRoot = geteuid() == 0
    /// Whether systemd is this machine's init.
    package static let hasSystemd = File.exists("/run/systemd/system")
    /// Whether every cgroup controller is on the version 2 hierarchy.
    package static let hasPureCgroupV2 = File.exists("/sys/fs/cgroup/cgroup.controllers")
    /// The numbers at the beginning of the kernel's version.
    package static let kernel = (File.read("/proc/sys/kernel/osrelease") ?? "")
        .split(separator: ".").prefix(2).map { Int($0.prefix { $0.isNumber }) ?? 0 }
    /// Whether AppArmor confines programs here.
    package static let hasAppArmor =
        File.read("/sys/module/apparmor/parameters/enabled")?.hasPrefix("Y") ?? false
    /// Whether ordinary users may make user namespaces.
    package static let hasUserNamespaces =
        File.exists("/proc/self/ns/user")
        && File.read("/proc/sys/kernel/unprivileged_userns_clone")?.hasPrefix("0") != true
    /// Whether this machine is emulated, so nothing is quick.
    package static let isEmulated = environment["RKT_TEST_EMULATED"] != nil
    /// How often a test starts and stops a pod that looks for what is left.
    package static let cycles = number("RKT_TEST_CYCLES") ?? 100
    /// How much a test of transfers sends at once.
    package static let transferMegabytes = number("RKT_TEST_MEGABYTES") ?? 256
    /// How many pods a test runs at once.
    package static let crowd = number("RKT_TEST_CROWD") ?? 100
    /// How much longer than on a quick machine everything may take.
    package static let patience: Double = isEmulated ? 20 : 1
    /// The Debian image that `Scripts/debian-image` made, if it is there.
    package static let debianLayout: String? = {
        let cache = environment["RKT_TEST_CACHE"] ?? "/var/cache/rkt-tests"
        let layout = "\(cache)/debian.oci"
        return File.exists("\(layout)/.complete") ? layout : nil
    }()

    /// The machine's own interfaces, once what the plugin `bandwidth` needs is loaded.
    ///
    /// The module `ifb` makes two interfaces on the machine itself, whatever network namespace asks for it, unless told not
    /// to. A kernel that has it built in has them from the start.
    package static func interfacesBeforePlugins() throws -> [String] {
        if has("modprobe") {
            _ = try Execution(["modprobe", "--quiet", "ifb", "numifbs=0"]).finished(within: 10)
        }
        return File.list("/sys/class/net").sorted()
    }

    private static func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }

    /// Whether a program is in one of the usual directories.
    package static func has(_ program: String) -> Bool {
        ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
            .contains { File.exists("\($0)/\(program)") }
    }

    private static let environment = ProcessInfo.processInfo.environment
}

extension Trait where Self == ConditionTrait {
    /// Skips the test unless it runs as root.
    package static var requiresRoot: Self {
        .enabled(if: Machine.isRoot, "starts pods, so it needs root")
    }
    /// Skips the test where systemd isn't init.
    package static var requiresSystemd: Self {
        .enabled(if: Machine.hasSystemd, "needs systemd as init")
    }
    /// Skips the test where a controller is on a version 1 hierarchy.
    package static var requiresPureCgroupV2: Self {
        .enabled(if: Machine.hasPureCgroupV2, "needs cgroup v2 alone")
    }
    /// Skips the test where cgroups are version 1 or mixed.
    package static var requiresCgroupV1: Self {
        .enabled(if: !Machine.hasPureCgroupV2, "needs cgroup v1")
    }
    /// Skips the test on kernels that take an overlay's layers one by one (6.5 and later).
    package static var requiresOldOverlays: Self {
        .enabled(if: Machine.kernel.lexicographicallyPrecedes([6, 5]), "needs a kernel before 6.5")
    }
    /// Skips the test on kernels that don't forget connections by a filter (before 6.8).
    package static var requiresForgetting: Self {
        .enabled(
            if: !Machine.kernel.lexicographicallyPrecedes([6, 8]),
            "needs a kernel from 6.8 on"
        )
    }
    /// Skips the test where AppArmor is absent.
    package static var requiresAppArmor: Self {
        .enabled(if: Machine.hasAppArmor, "needs AppArmor")
    }
    /// Skips the test where ordinary users can't make user namespaces.
    package static var requiresUserNamespaces: Self {
        .enabled(if: Machine.hasUserNamespaces, "needs user namespaces for ordinary users")
    }
    /// Skips the test where the Debian image hasn't been made.
    package static var requiresDebianImage: Self {
        .enabled(if: Machine.debianLayout != nil, "needs the image of Scripts/debian-image")
    }
    /// Skips the test where a program is missing.
    package static func requires(_ program: String) -> Self {
        .enabled(if: Machine.has(program), "needs the program \(program)")
    }
}

extension Tag {
    /// Takes more than a few seconds.
    @Tag package static var slow: Self
}
