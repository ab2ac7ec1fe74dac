import AppContainer
import Cgroups
import ImageStorage
import Seccomp
import Stage1ABI
import Testing

@testable import Stage0

/// The plan of a pod, exactly: what stage1 does is decided here and nowhere else.
@Suite struct PodRunTests {
    private static let closed: MountAttributes = [.noSetID, .noDevices, .noExecution]

    @Test func aSimplePodsPlan() throws {
        let planned = try Samples.plan(Samples.manifest(Samples.aci()))
        #expect(planned.warnings.isEmpty)
        #expect(planned.plan.namespaces == 0x6C02_0000)
        #expect(!planned.plan.prefixesOutput && !planned.plan.isInteractive)
        #expect(
            planned.plan.steps == [
                .hostname("rkt-11111111-2222-4333-8444-555555555555"),
                .loopback,
                .write(
                    hostPath: "/proc/sys/net/ipv4/ping_group_range",
                    text: "0 2147483647",
                    isOptional: true
                ),
                .write(
                    hostPath: "/proc/sys/net/ipv4/ip_unprivileged_port_start",
                    text: "0",
                    isOptional: true
                ),
            ]
        )
        let app = try #require(planned.plan.apps.first)
        #expect(app.steps.prefix(30).elementsEqual(Self.rootAndDevices))
        #expect(app.steps.suffix(2) == [.enterRoot(attributes: []), .keyring])
        #expect(app.process.arguments == ["/bin/app"])
        #expect(
            app.process.environment == [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "SHELL=/bin/sh", "USER=root", "LOGNAME=root", "HOME=/root", "container=rkt",
                "AC_APP_NAME=app",
            ]
        )
    }

    private static let rootAndDevices: [PlanStep] =
        [
            .unshare(0x0200_0000),
            .overlayRoot(
                hostTarget: "stage1/rootfs",
                lowers: ["../../../images/layers/top", "../../../images/layers/bottom"],
                upper: "overlay/app/upper",
                work: "overlay/app/work",
                attributes: .noDevices
            ),
            .directory(path: "/tmp", mode: 0o1777),
            .mount(type: "proc", target: "/proc", mode: 0o555, attributes: closed),
            .mount(
                type: "sysfs",
                target: "/sys",
                mode: 0o555,
                attributes: closed.union(.readOnly)
            ),
            .mask(path: "/sys/fs"),
            .mount(
                type: "tmpfs",
                target: "/dev",
                attributes: [.noSetID, .noExecution],
                options: [MountOption("mode", "755"), MountOption("size", "65536k")]
            ),
            .characterDevice(path: "/dev/null", mode: 0o666, major: 1, minor: 3),
            .characterDevice(path: "/dev/zero", mode: 0o666, major: 1, minor: 5),
            .characterDevice(path: "/dev/full", mode: 0o666, major: 1, minor: 7),
            .characterDevice(path: "/dev/random", mode: 0o666, major: 1, minor: 8),
            .characterDevice(path: "/dev/urandom", mode: 0o666, major: 1, minor: 9),
            .characterDevice(path: "/dev/tty", mode: 0o666, major: 5, minor: 0),
            .symbolicLink(to: "pts/ptmx", path: "/dev/ptmx", ifAbsent: false),
            .symbolicLink(to: "/proc/self/fd", path: "/dev/fd", ifAbsent: false),
            .symbolicLink(to: "/proc/self/fd/0", path: "/dev/stdin", ifAbsent: false),
            .symbolicLink(to: "/proc/self/fd/1", path: "/dev/stdout", ifAbsent: false),
            .symbolicLink(to: "/proc/self/fd/2", path: "/dev/stderr", ifAbsent: false),
            .mount(
                type: "devpts",
                target: "/dev/pts",
                attributes: [.noSetID, .noExecution],
                options: [
                    MountOption("ptmxmode", "0666"), MountOption("mode", "0620"),
                    MountOption("gid", "5"),
                ]
            ),
            .mount(
                type: "tmpfs",
                target: "/dev/shm",
                attributes: closed,
                options: [MountOption("mode", "1777"), MountOption("size", "65536k")]
            ),
            .mount(type: "mqueue", target: "/dev/mqueue", attributes: closed, isOptional: true),
            .bind(
                hostSource: "hostname",
                target: "/etc/hostname",
                attributes: closed.union(.readOnly),
                flags: [.file, .unlessReadOnly]
            ),
            .bind(
                hostSource: "hosts",
                target: "/etc/hosts",
                attributes: closed.union(.readOnly),
                flags: [.file, .ifAbsent, .unlessReadOnly]
            ),
            .symbolicLink(to: "../proc/self/mounts", path: "/etc/mtab"),
        ]
        + ProtectedPaths.hidden.prefix(6).map { .mask(path: $0) }

    @Test func theTwoFormatsProfiles() throws {
        let appc = try process(Samples.aci())
        #expect(appc.boundingSet == CapabilitySet.appc.rawValue)
        #expect(appc.effectiveSet == appc.boundingSet)
        #expect(!appc.noNewPrivileges && !appc.makesWorkingDirectory && !appc.takesGroupsOfUser)
        let oci = try process(Samples.oci())
        #expect(oci.boundingSet == CapabilitySet.oci.rawValue)
        #expect(oci.noNewPrivileges && oci.makesWorkingDirectory && oci.takesGroupsOfUser)
        #expect(!appc.seccomp.isEmpty && !oci.seccomp.isEmpty)
    }

    @Test func strictMakesBothTheSame() throws {
        var options = StartOptions()
        options.isStrict = true
        let appc = try process(Samples.aci(), options: options)
        #expect(appc.boundingSet == CapabilitySet.oci.rawValue && appc.noNewPrivileges)
        #expect(try appc.seccomp != process(Samples.aci()).seccomp)
    }

    @Test func everyOpeningOpensJustItsOwn() throws {
        let image = try Samples.oci()
        let closed = try process(image)
        var options = StartOptions()
        options.insecure = .capabilities
        var open = try process(image, options: options)
        #expect(open.boundingSet == CapabilitySet.all.rawValue && open.noNewPrivileges)
        #expect(!open.seccomp.isEmpty)
        options.insecure = .seccomp
        open = try process(image, options: options)
        #expect(open.boundingSet == closed.boundingSet && open.seccomp.isEmpty)
        options.insecure = .paths
        let app = try Samples.plan(Samples.manifest(image), options: options).plan.apps[0]
        #expect(app.process == closed)
        #expect(
            !app.steps.contains {
                switch $0 {
                case .mask, .readOnly: true
                case .mount(_, _, _, let attributes, _, _): attributes.contains(.readOnly)
                default: false
                }
            }
        )
    }

    @Test func nobodyGetsMoreThanRktHas() throws {
        var host = HostFacts()
        host.capabilities = 0b1
        let plan = try Samples.plan(Samples.manifest(Samples.aci()), host: host).plan
        #expect(plan.apps[0].process.boundingSet == 0b1)
    }

    @Test(arguments: [
        ("1000", true), ("daemon", true), ("0", false), ("root", false), ("/bin/app", false),
    ])
    func ordinaryUsersGainNoPrivileges(user: String, expected: Bool) throws {
        let manifest = try Samples.manifest(Samples.aci()) { $0.user = try UserSpec(user) }
        let process = try Samples.plan(manifest).plan.apps[0].process
        #expect(process.noNewPrivileges == expected)
        #expect(process.user == user)
    }

    @Test func aUserWithoutItsGroupHasThePrimaryOne() throws {
        let process = try process(Samples.oci(#"{"Cmd":["a"],"User":"bob"}"#))
        #expect(process.user == "bob" && process.group.isEmpty)
    }

    @Test func unknownNamesInIsolatorsAreErrors() throws {
        let capability = try Samples.manifest(Samples.aci()) {
            $0.isolators = [.capabilitiesRetain(["CAP_X"])]
        }
        #expect(reason { _ = try Samples.plan(capability) }.contains("unknown capability"))
        let calls = try Samples.manifest(Samples.aci()) {
            $0.isolators = [try .seccomp(flag: "mode=retain,@x/y")]
        }
        #expect(reason { _ = try Samples.plan(calls) }.hasPrefix("app \"app\": "))
    }

    @Test func rootlessPodsBindDevices() throws {
        var host = HostFacts()
        host.isRootless = true
        host.hasTerminalGroup = false
        host.canSetGroups = false
        var options = StartOptions()
        options.network = .host
        let planned = try Samples.plan(
            Samples.manifest(Samples.aci()),
            host: host,
            options: options
        )
        let app = planned.plan.apps[0]
        #expect(planned.plan.namespaces == 0x2C02_0000)
        #expect(planned.plan.steps.count == 1)
        #expect(app.process.keepsGroups)
        #expect(
            app.steps.contains(
                .bind(
                    hostSource: "/dev/null",
                    target: "/dev/null",
                    attributes: [.noSetID, .noExecution],
                    flags: .file
                )
            )
        )
        #expect(
            app.steps.contains(
                .bind(
                    hostSource: "/sys",
                    target: "/sys",
                    attributes: Self.closed.union(.readOnly),
                    flags: .recursive
                )
            )
        )
        #expect(!app.steps.contains { if case .characterDevice = $0 { true } else { false } })
    }

    @Test func volumesComeBeforeProcAndThoseInDevBehindIt() throws {
        var pod = PodOptions()
        pod.volumes = [
            try Volume(flag: "d,kind=host,source=/dev/full,readOnly=true"),
            try Volume(flag: "f,kind=host,source=/f,recursive=false"),
            try Volume(flag: "e,kind=empty"),
        ]
        pod.mounts = [
            try Mount(flag: "volume=d,target=/dev/x"), try Mount(flag: "volume=f,target=/f"),
            try Mount(flag: "volume=e,target=/e"),
        ]
        var host = HostFacts()
        host.sources = [
            "/dev/full": .device(.character, major: 1, minor: 7), "/f": .file,
        ]
        let manifest = try Samples.manifest(Samples.aci(), pod: pod)
        let steps = try Samples.plan(manifest, host: host).plan.apps[0].steps
        let places = [
            PlanStep.bind(
                hostSource: "/f",
                target: "/f",
                attributes: [.noSetID, .noDevices],
                flags: .file
            ),
            .bind(
                hostSource: "sharedVolumes/e",
                target: "/e",
                attributes: [.noSetID, .noDevices]
            ),
            .mount(type: "proc", target: "/proc", mode: 0o555, attributes: Self.closed),
            .bind(
                hostSource: "/dev/full",
                target: "/dev/x",
                attributes: [.noSetID, .readOnly],
                flags: .file
            ),
        ].map { steps.firstIndex(of: $0) }
        #expect(places.allSatisfy { $0 != nil })
        #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
        let run = PodRun(
            uuid: "u",
            manifest: manifest,
            roots: [.copy],
            host: host,
            options: StartOptions()
        )
        #expect(
            run.cgroupRequest.devices
                == .closed(allowing: [
                    DeviceRule(.character, major: 1, minor: 7, access: .read)
                ])
        )
    }

    @Test func anOCIVolumeBeginsWithWhatTheImageHasThere() throws {
        let manifest = try Samples.manifest(
            Samples.oci(#"{"Cmd":["a"],"Volumes":{"/data":{}}}"#)
        )
        let steps = try Samples.plan(manifest).plan.apps[0].steps
        let name = try #require(
            manifest.apps[0].boundMounts(volumes: []).first?.volume.name
        )
        let copy = steps.firstIndex(
            of: .copyUp(path: "/data", hostDestination: "sharedVolumes/\(name)")
        )
        let bind = steps.firstIndex(
            of: .bind(
                hostSource: "sharedVolumes/\(name)",
                target: "/data",
                attributes: [.noSetID, .noDevices]
            )
        )
        #expect(try #require(copy) < #require(bind))
    }

    @Test func aVolumeInSysStandsInForIt() throws {
        var pod = PodOptions()
        pod.volumes = [try Volume(flag: "s,kind=empty")]
        pod.mounts = [try Mount(flag: "volume=s,target=/sys/x")]
        let manifest = try Samples.manifest(Samples.aci(), pod: pod)
        let steps = try Samples.plan(manifest).plan.apps[0].steps
        #expect(
            !steps.contains { if case .mount("sysfs", _, _, _, _, _) = $0 { true } else { false } }
        )
    }

    @Test func severalAppsShareMemoryAndTellTheirLinesApart() throws {
        let image = try Samples.aci()
        var (first, second) = (AppOptions(image: "a"), AppOptions(image: "b"))
        first.name = try ACName("a")
        second.name = try ACName("b")
        let manifest = try PodManifest(
            apps: [first, second],
            images: [image, image],
            options: PodOptions()
        )
        let plan = try Samples.plan(manifest).plan
        #expect(plan.prefixesOutput)
        #expect(
            plan.steps.last
                == .mountOnHostPath(
                    type: "tmpfs",
                    hostTarget: "shm",
                    attributes: Self.closed,
                    options: [MountOption("mode", "1777"), MountOption("size", "65536k")]
                )
        )
        for app in plan.apps {
            #expect(
                app.steps.contains(.bind(hostSource: "shm", target: "/dev/shm", attributes: []))
            )
        }
    }

    @Test func enterFindsTheConfinementInThePlan() throws {
        let manifest = try Samples.manifest(Samples.oci()) {
            $0.user = try UserSpec("7")
            $0.supplementaryGroups = [8, 9]
            $0.isolators = [.oomScoreAdjustment(5)]
        }
        let plan = try Samples.plan(manifest).plan
        let stored = try #require(StoredAppPlan(app: "app", in: plan.encoded()))
        #expect(stored.process == plan.apps[0].process)
        #expect(stored.steps == [.keyring, .oomScoreAdjustment(5)])
        #expect(stored.namespaces == plan.namespaces)
        #expect(StoredAppPlan(app: "other", in: plan.encoded()) == nil)
    }

    @Test func aDamagedPlanIsNoPlan() throws {
        let bytes = try Samples.plan(Samples.manifest(Samples.aci())).plan.encoded()
        for length in stride(from: 0, to: bytes.count - 8, by: 7) {
            #expect(StoredAppPlan(app: "app", in: Array(bytes.prefix(length))) == nil)
        }
    }

    private func process(
        _ image: StoredImage,
        options: StartOptions = StartOptions()
    ) throws -> ProcessPlan {
        try Samples.plan(Samples.manifest(image), options: options).plan.apps[0].process
    }
}
