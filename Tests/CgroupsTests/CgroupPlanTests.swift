import Testing

@testable import Cgroups

@Suite struct CgroupPlanTests {
    private static let oneApp = CgroupRequest(
        uuid: "U",
        limits: ResourceLimits(pids: 4096),
        apps: [.init(name: "web", limits: ResourceLimits(memory: 1 << 20, milliCPU: 500))]
    )

    private static let twoApps = CgroupRequest(
        uuid: "U",
        limits: ResourceLimits(pids: 4096),
        devices: .unrestricted,
        apps: [
            .init(name: "web", limits: ResourceLimits(memory: 1 << 20, cpuShares: 1024)),
            .init(name: "log"),
        ]
    )

    private static let hybrid = CgroupLayout(
        mountInfo: """
            32 31 0:29 / /cg/devices rw - cgroup cgroup rw,devices
            33 31 0:30 / /cg/cpu,memory rw - cgroup cgroup rw,cpu,memory
            34 31 0:31 / /cg/pids rw - cgroup cgroup rw,pids
            """,
        membership: "3:devices:/\n2:cpu,memory:/own\n1:pids:/\n"
    )

    @Test func version1MakesOneDirectoryForEachHierarchy() throws {
        let plan = try CgroupPlan.make(Self.oneApp, layout: Self.hybrid)
        #expect(plan.places.map(\.directory) == ["/cg/devices", "/cg/cpu,memory/own", "/cg/pids"])
        #expect(
            plan.places[1].steps == [
                .makeDirectory("rkt-U"),
                .write("rkt-U/memory.limit_in_bytes", ["1048576"]),
                .write("rkt-U/cpu.cfs_quota_us", ["50000"]),
            ]
        )
        #expect(
            plan.places[2].steps == [
                .makeDirectory("rkt-U"), .write("rkt-U/pids.max", ["4096"]),
            ]
        )
        #expect(
            plan.result.initialFiles == [
                "/cg/devices/rkt-U/tasks", "/cg/cpu,memory/own/rkt-U/tasks", "/cg/pids/rkt-U/tasks",
            ]
        )
        #expect(plan.result.appFiles.isEmpty)
        #expect(plan.result.initialDirectory == nil)
    }

    @Test func version1DeniesAllDevicesBeforeItAllowsSome() throws {
        let plan = try CgroupPlan.make(Self.oneApp, layout: Self.hybrid)
        #expect(plan.places[0].steps[1] == .write("rkt-U/devices.deny", ["a"]))
        #expect(
            plan.places[0].steps[2]
                == .write(
                    "rkt-U/devices.allow",
                    [
                        "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm",
                        "c 5:0 rwm",
                        "c 5:1 rwm", "c 5:2 rwm", "c 136:* rwm",
                    ]
                )
        )
    }

    @Test func version1GivesLimitedAppsAChild() throws {
        let plan = try CgroupPlan.make(Self.twoApps, layout: Self.hybrid)
        #expect(plan.places.map(\.directory) == ["/cg/cpu,memory/own", "/cg/pids"])
        #expect(
            plan.result.appFiles == ["web": ["/cg/cpu,memory/own/rkt-U/app-web/tasks"]]
        )
        #expect(
            plan.result.removalOrder == [
                "/cg/cpu,memory/own/rkt-U/app-web", "/cg/cpu,memory/own/rkt-U", "/cg/pids/rkt-U",
            ]
        )
    }

    @Test func missingControllerIsAWarning() throws {
        let devicesOnly = CgroupLayout(
            mountInfo: "32 31 0:29 / /cg/devices rw - cgroup cgroup rw,devices",
            membership: "3:devices:/\n"
        )
        let plan = try CgroupPlan.make(Self.oneApp, layout: devicesOnly)
        #expect(
            plan.result.warnings == [
                "limit on processes set but support disabled in the kernel, skipping",
                "resource/memory isolator set but support disabled in the kernel, skipping",
                "resource/cpu isolator set but support disabled in the kernel, skipping",
            ]
        )
    }

    @Test func missingDeviceControllerIsAnError() {
        let none = CgroupLayout(mountInfo: "", membership: "")
        #expect(throws: CgroupError.noDeviceController) {
            try CgroupPlan.make(Self.oneApp, layout: none)
        }
        var open = Self.oneApp
        open.devices = .unrestricted
        #expect(throws: Never.self) { try CgroupPlan.make(open, layout: none) }
    }

    @Test func rootlessOnVersion1IsAWarning() throws {
        var request = Self.oneApp
        request.isRootless = true
        let plan = try CgroupPlan.make(request, layout: Self.hybrid)
        #expect(plan.places.isEmpty)
        #expect(plan.result.warnings.count == 1)
        #expect(plan.result.warnings[0].contains("pids, memory, cpu"))
    }

    @Test func version2AtTheTopEnablesFromTheRootDown() throws {
        let parent = UnifiedParent.top(mountPoint: "/cg", available: [.cpu, .memory, .pids])
        let plan = try CgroupPlan.unified(Self.oneApp, parent)
        #expect(
            plan.places == [
                .init(
                    directory: "/cg",
                    steps: [
                        .makeDirectory("rkt", mayExist: true),
                        .write("cgroup.subtree_control", ["+pids +memory +cpu"]),
                        .write("rkt/cgroup.subtree_control", ["+pids +memory +cpu"]),
                        .makeDirectory("rkt/pod-U"),
                        .restrictDevices("rkt/pod-U", DeviceRule.standard),
                        .write("rkt/pod-U/pids.max", ["4096"]),
                        .write("rkt/pod-U/memory.max", ["1048576"]),
                        .write("rkt/pod-U/cpu.max", ["50000 100000"]),
                    ]
                )
            ]
        )
        #expect(plan.result.directories == ["/cg/rkt/pod-U"])
        #expect(plan.result.initialDirectory == "/cg/rkt/pod-U")
        #expect(plan.result.removalOrder == ["/cg/rkt/pod-U"])
    }

    /// Processes may only be in leaves once a cgroup hands controllers on (cgroup-v2.rst).
    @Test func version2PutsEverythingIntoLeaves() throws {
        let parent = UnifiedParent.own(directory: "/cg/unit", available: [.cpu, .memory, .pids])
        let plan = try CgroupPlan.unified(Self.twoApps, parent)
        #expect(
            plan.places[0].steps == [
                .makeDirectory("supervisor", mayExist: true),
                .write("supervisor/cgroup.procs", ["0"]),
                .write("cgroup.subtree_control", ["+pids +memory +cpu"]),
                .makeDirectory("rkt-U"),
                .write("rkt-U/pids.max", ["4096"]),
                .write("rkt-U/cgroup.subtree_control", ["+memory +cpu"]),
                .makeDirectory("rkt-U/init"),
                .makeDirectory("rkt-U/app-web"),
                .write("rkt-U/app-web/memory.max", ["1048576"]),
                .write("rkt-U/app-web/cpu.weight", ["39"]),
            ]
        )
        #expect(plan.result.initialDirectory == "/cg/unit/rkt-U/init")
        #expect(plan.result.appFiles == ["web": ["/cg/unit/rkt-U/app-web/cgroup.procs"]])
        #expect(
            plan.result.removalOrder == [
                "/cg/unit/rkt-U/init", "/cg/unit/rkt-U/app-web", "/cg/unit/rkt-U",
            ]
        )
    }

    @Test func rootlessBesideItsOwnCgroup() throws {
        var request = Self.oneApp
        request.isRootless = true
        let parent = UnifiedParent.beside(directory: "/cg/app.slice", available: [.memory, .pids])
        let plan = try CgroupPlan.unified(request, parent)
        #expect(
            plan.places[0].steps == [
                .makeDirectory("rkt-U"), .write("rkt-U/pids.max", ["4096"]),
                .write("rkt-U/memory.max", ["1048576"]),
            ]
        )
        #expect(
            plan.result.warnings == [
                "resource/cpu isolator set but support disabled in the kernel, skipping"
            ]
        )
    }

    @Test func nowhereIsAWarningForTheRootlessOnly() throws {
        var request = Self.oneApp
        #expect(throws: CgroupError.noDeviceController) {
            try CgroupPlan.unified(request, .none)
        }
        request.isRootless = true
        let plan = try CgroupPlan.unified(request, .none)
        #expect(plan.places.isEmpty)
        #expect(plan.result.warnings.count == 1)
    }

    @Test(
        arguments: [
            (0, 1), (2, 1), (1024, 39), (262_144, 10_000), (UInt64.max, 10_000),
        ] as [(UInt64, UInt64)]
    )
    func sharesBecomeWeights(shares: UInt64, weight: UInt64) {
        #expect(ResourceLimits.weight(shares: shares) == weight)
    }

    @Test func quotaStaysInTheKernelsRange() {
        let quotas = [0, 5, 10, 1500, UInt64.max].map {
            ResourceLimits(milliCPU: $0).legacyFiles(.cpu).map(\.value)
        }
        #expect(quotas == [["1000"], ["1000"], ["1000"], ["150000"], ["100000000000"]])
    }

    @Test(arguments: [
        "/sys/fs/cgroup/pids/rkt-0b1c", "/sys/fs/cgroup/rkt/pod-0b1c", "/a b/rkt-x",
    ])
    func podDirectories(path: String) {
        #expect(PodCgroupName.isPod(path: path))
    }

    @Test(arguments: [
        "", "/", "/rkt-x", "rkt-x", "a/rkt-x", "/sys/fs/cgroup", "/sys/fs/cgroup/pids/rkt-",
        "/sys/fs/cgroup/../rkt-x", "/sys//rkt-x", "/sys/fs/cgroup/system.slice", "/a/rkt-x/",
    ])
    func otherDirectoriesAreRefused(path: String) {
        #expect(!PodCgroupName.isPod(path: path))
        #expect(throws: CgroupError.foreignDirectory(path)) { try CgroupRemoval.remove([path]) }
    }
}
