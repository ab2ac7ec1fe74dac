internal import AppContainer
internal import Stage1ABI

/// The steps that build one app's root, in the order in which they are safe.
struct RootSteps {
    let app: RuntimeApp
    let root: AppRoot
    let mounts: [BoundMount]
    let host: HostFacts
    let options: StartOptions
    /// What the image has at the place of a new volume is copied into it.
    let beginsVolumes: Bool
    let noNewPrivileges: Bool
    /// The app's cgroup is on version 2.
    let hasUnifiedCgroup: Bool
    /// Apps of one pod share their memory files.
    let isAlone: Bool

    private static let closed: MountAttributes = [.noSetID, .noDevices, .noExecution]

    var steps: [PlanStep] {
        // Volumes come before /proc, so that a link of the image that leads there leads nowhere (CVE-2019-16884);
        // those below /dev come after it, as /dev is ours and has no links of the image.
        rootSteps + mounts.filter { !isInDevices($0) }.flatMap(steps(of:))
            + procSteps + systemSteps + deviceSteps
            + mounts.filter(isInDevices).flatMap(steps(of:))
            + nameSteps + protectionSteps
            + [.enterRoot(attributes: app.hasReadOnlyRootFS ? .readOnly : [])]
    }

    private var rootSteps: [PlanStep] {
        // Devices of an image never work; set-id programs don't where they couldn't raise anything either.
        let attributes: MountAttributes = noNewPrivileges ? [.noDevices, .noSetID] : .noDevices
        let mount: PlanStep =
            switch root {
            case .layers(let layers):
                .overlayRoot(
                    hostTarget: "stage1/rootfs",
                    lowers: layers.reversed().map { "../../../images/layers/\($0)" },
                    upper: "overlay/\(app.name)/upper",
                    work: "overlay/\(app.name)/work",
                    attributes: attributes
                )
            case .copy:
                .bindRoot(
                    hostTarget: AppRoot.copyPath(app.name.text),
                    hostSource: AppRoot.copyPath(app.name.text),
                    attributes: attributes
                )
            }
        return [mount, .directory(path: "/tmp", mode: 0o1777)]
    }

    private func steps(of mount: BoundMount) -> [PlanStep] {
        var attributes: MountAttributes = [.noSetID, .noDevices]
        if mount.isReadOnly { attributes.insert(.readOnly) }
        switch mount.volume.kind {
        case .empty:
            let source = "sharedVolumes/\(mount.volume.name)"
            let bind = PlanStep.bind(
                hostSource: source,
                target: mount.path,
                attributes: attributes
            )
            // What a Docker or OCI image has in its volumes is their first contents.
            let copies = mount.isImplicit && beginsVolumes
            return copies ? [.copyUp(path: mount.path, hostDestination: source), bind] : [bind]
        case .host(let source, let isRecursive):
            var flags: BindFlags = isRecursive ?? true ? .recursive : []
            switch host.sources[source] {
            case .directory?, nil: break
            case .file?: flags = .file
            case .device?:
                flags = .file
                attributes.remove(.noDevices)
            }
            return [
                .bind(
                    hostSource: source,
                    target: mount.path,
                    attributes: attributes,
                    flags: flags
                )
            ]
        }
    }

    private func isInDevices(_ mount: BoundMount) -> Bool {
        let path = RootPath(mount.path)
        return path.isWithin(any: "/dev") && path.components.count > 1
    }

    private func isCovered(_ path: String) -> Bool {
        mounts.contains { RootPath($0.path) == RootPath(path) }
    }

    private var procSteps: [PlanStep] {
        [.mount(type: "proc", target: "/proc", mode: 0o555, attributes: Self.closed)]
    }

    private var systemSteps: [PlanStep] {
        // As in rkt, a volume at or below /sys stands in for it.
        if mounts.contains(where: { RootPath($0.path).isWithin(any: "/sys") }) { return [] }
        var attributes = Self.closed
        if !options.insecure.contains(.paths) { attributes.insert(.readOnly) }
        // The kernel shows sysfs anew only to the owner of the network namespace.
        let sysfs: PlanStep =
            host.isRootless && options.network == .host
            ? .bind(hostSource: "/sys", target: "/sys", attributes: attributes, flags: .recursive)
            : .mount(type: "sysfs", target: "/sys", mode: 0o555, attributes: attributes)
        return [sysfs] + (options.insecure.contains(.paths) ? [] : cgroupSteps)
    }

    /// Nothing of `/sys/fs` but the app's own cgroup, read-only; version 1 shows none.
    private var cgroupSteps: [PlanStep] {
        guard hasUnifiedCgroup else { return [.mask(path: "/sys/fs")] }
        return [
            .mount(
                type: "tmpfs",
                target: "/sys/fs",
                attributes: Self.closed,
                options: [MountOption("mode", "755"), MountOption("size", "4k")]
            ),
            .mount(
                type: "cgroup2",
                target: "/sys/fs/cgroup",
                attributes: Self.closed.union(.readOnly)
            ),
            .readOnly(path: "/sys/fs"),
        ]
    }

    private var nameSteps: [PlanStep] {
        let files = NameFiles(options).binds.filter { $0.isDemanded || !isCovered($0.target) }
        let binds = files.map { file in
            PlanStep.bind(
                hostSource: file.source,
                target: file.target,
                attributes: Self.closed.union(.readOnly),
                flags: flags(of: file)
            )
        }
        return hasHostsNames
            ? binds : binds + [.symbolicLink(to: "../proc/self/mounts", path: "/etc/mtab")]
    }

    private func flags(of file: NameFiles.Bind) -> BindFlags {
        var flags: BindFlags = file.isFallback ? [.file, .ifAbsent] : .file
        if !file.isDemanded {
            flags.insert(.unlessReadOnly)
            if hasHostsNames { flags.insert(.optional) }
        }
        return flags
    }

    /// A directory of the host is the app's `/etc`: unasked we make nothing in it.
    private var hasHostsNames: Bool {
        mounts.contains { mount in
            guard case .host = mount.volume.kind else { return false }
            return RootPath("/etc").isWithin(RootPath(mount.path))
        }
    }

    private var protectionSteps: [PlanStep] {
        if options.insecure.contains(.paths) { return [] }
        let throttling = ProtectedPaths.throttling(processors: host.throttledProcessors)
        return (ProtectedPaths.hidden + throttling).map { .mask(path: $0) }
            + ProtectedPaths.readOnly.map { .readOnly(path: $0) }
    }

    private var deviceSteps: [PlanStep] {
        isCovered("/dev")
            ? []
            : DeviceSteps(
                host: host,
                sharesIPC: options.sharesIPC,
                sharesMemory: !isAlone,
                isInteractive: options.isInteractive
            ).steps
    }
}
