package import AppContainer
package import Cgroups
internal import Seccomp
package import Stage1ABI

/// Everything that decides how a pod runs.
package struct PodRun {
    package let uuid: String
    package let manifest: PodManifest
    /// What each app's root is made of, in the manifest's order.
    package let roots: [AppRoot]
    package let host: HostFacts
    package let options: StartOptions
    /// The interfaces that lead straight to the host, which is no router to learn from.
    package let wires: [String]

    /// A run of a pod; each app has a root.
    package init(
        uuid: String,
        manifest: PodManifest,
        roots: [AppRoot],
        host: HostFacts,
        options: StartOptions,
        wires: [String] = []
    ) {
        self.uuid = uuid
        self.manifest = manifest
        self.roots = roots
        self.host = host
        self.options = options
        self.wires = wires
    }

    /// The pod's name for itself.
    package var hostname: String { options.hostname ?? "rkt-\(uuid)" }
}

/// A plan, and what the operator should know about it.
package struct PlannedPod: Equatable, Sendable {
    package var plan: PodPlan
    package let warnings: [String]
}

extension PodRun {
    private static let mountNamespace: Int32 = 0x0002_0000
    static let cgroupNamespace: Int32 = 0x0200_0000
    private static let namesNamespace: Int32 = 0x0400_0000
    private static let ipcNamespace: Int32 = 0x0800_0000
    private static let processNamespace: Int32 = 0x2000_0000
    private static let networkNamespace: Int32 = 0x4000_0000

    /// The namespaces that PID 1 starts in.
    var namespaces: Int32 {
        var bits = Self.mountNamespace | Self.namesNamespace | Self.processNamespace
        if !options.sharesIPC { bits |= Self.ipcNamespace }
        if options.network != .host { bits |= Self.networkNamespace }
        return bits
    }

    /// Decides everything: nothing is looked up or chosen after this.
    package func plan(
        cgroup: PodCgroup,
        descriptors: PodPlan.Descriptors,
        endSteps: [EndStep] = []
    ) throws(Stage0Error) -> PlannedPod {
        var plan = PodPlan(uuid: uuid, namespaces: namespaces, descriptors: descriptors)
        var warnings: [String] = []
        plan.isInteractive = options.isInteractive
        plan.prefixesOutput = manifest.apps.count > 1
        plan.cgroupDirectories = cgroup.removalOrder
        plan.endSteps = endSteps
        plan.steps = podSteps(cgroup)
        for (app, root) in zip(manifest.apps, roots) {
            plan.apps.append(try self.plan(app, root, cgroup, &warnings))
        }
        return PlannedPod(plan: plan, warnings: warnings)
    }

    private func podSteps(_ cgroup: PodCgroup) -> [PlanStep] {
        var steps: [PlanStep] = cgroup.initialFiles.map { .joinCgroup(hostFile: $0) }
        steps.append(.hostname(hostname))
        if options.network != .host { steps += networkSteps }
        if manifest.apps.count > 1 {
            steps.append(
                .mountOnHostPath(
                    type: "tmpfs",
                    hostTarget: DeviceSteps.sharedMemory,
                    attributes: DeviceSteps.memoryAttributes,
                    options: DeviceSteps.memoryOptions
                )
            )
        }
        return steps
    }

    /// In a network of their own apps need no capability to ping or to listen on port 80.
    private var networkSteps: [PlanStep] {
        let groups = host.isRootless ? "0 0" : "0 2147483647"
        return [
            .loopback,
            networkSetting("ipv4/ping_group_range", groups),
            networkSetting("ipv4/ip_unprivileged_port_start", "0"),
        ] + wires.flatMap(deaf)
    }

    /// An interface whose routes are all made: neither advertisements nor redirects change them.
    ///
    /// Redirects of version 4 are heeded unless interface and host (`all`) say no.
    private func deaf(_ interface: String) -> [PlanStep] {
        [
            "ipv6/conf/\(interface)/accept_ra", "ipv6/conf/\(interface)/accept_redirects",
            "ipv4/conf/all/accept_redirects",
        ].map { networkSetting($0, "0") }
    }

    private func networkSetting(_ name: String, _ text: String) -> PlanStep {
        .write(hostPath: "/proc/sys/net/\(name)", text: text, isOptional: true)
    }

    private func plan(
        _ runtime: RuntimeApp,
        _ root: AppRoot,
        _ cgroup: PodCgroup,
        _ warnings: inout [String]
    ) throws(Stage0Error) -> AppPlan {
        let (app, name) = (runtime.app ?? App(), runtime.name.text)
        let profile = try SandboxProfile(
            app,
            named: name,
            options: options,
            appArmor: host.appArmor
        )
        warnings += profile.warnings.map { "app \"\(name)\": \($0)" }
        let mounts = try runtime.boundMounts(volumes: manifest.volumes)
        let root = RootSteps(
            app: runtime,
            root: root,
            mounts: mounts,
            host: host,
            options: options,
            beginsVolumes: app.isOCI || app.isConverted,
            noNewPrivileges: profile.noNewPrivileges,
            hasUnifiedCgroup: cgroup.initialDirectory != nil,
            isAlone: manifest.apps.count == 1
        )
        // The cgroup comes before its namespace: the namespace's root is where the process is then.
        var steps = (cgroup.appFiles[name] ?? []).map { PlanStep.joinCgroup(hostFile: $0) }
        steps.append(.unshare(Self.cgroupNamespace))
        steps += root.steps
        steps.append(.keyring)
        if let score = app.oomScore {
            let lowest = host.canRaiseLimits ? score : max(score, host.oomScore)
            if lowest != score {
                warnings.append("app \"\(name)\": oom-score-adj can't be below \(lowest) here")
            }
            steps.append(.oomScoreAdjustment(lowest))
        }
        var process = ProcessPlan(
            runtime,
            app,
            profile,
            available: host.capabilities,
            terminal: options.isInteractive ? host.terminal : nil
        )
        process.keepsGroups = !host.canSetGroups
        var plan = AppPlan(name: name, steps: steps, process: process)
        plan.hasTerminal = options.isInteractive
        if let signal = app.stopSignal { plan.stopSignal = Int32(clamping: signal) }
        plan.preStart = app.handler(.preStart)
        plan.postStop = app.handler(.postStop)
        return plan
    }
}

extension App {
    /// What the app's isolators say to the kernel about killing it when memory is short.
    var oomScore: Int? {
        isolators.lazy.compactMap { isolator -> Int? in
            if case .oomScoreAdjustment(let score) = isolator { score } else { nil }
        }.first
    }

    fileprivate func handler(_ event: EventHandler.Event) -> [String] {
        eventHandlers.first { $0.event == event }?.exec ?? []
    }
}

extension ProcessPlan {
    fileprivate init(
        _ runtime: RuntimeApp,
        _ app: App,
        _ profile: SandboxProfile,
        available: UInt64,
        terminal: String?
    ) {
        self.init(
            arguments: app.exec,
            environment: AppEnvironment.entries(of: runtime, terminal: terminal),
            workingDirectory: app.workingDirectory ?? "/",
            user: app.user.description,
            group: app.group == .primary ? "" : app.group.description,
            boundingSet: profile.capabilities.rawValue & available,
            effectiveSet: profile.capabilities.rawValue & available,
            noNewPrivileges: profile.noNewPrivileges
        )
        makesWorkingDirectory = app.isOCI
        supplementaryGroups = app.supplementaryGIDs
        takesGroupsOfUser = app.isOCI && app.supplementaryGIDs.isEmpty
        seccomp = profile.seccomp
        label = profile.label
    }
}
