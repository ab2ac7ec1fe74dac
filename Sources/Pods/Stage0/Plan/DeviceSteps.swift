internal import Stage1ABI

/// The steps that fill an app's `/dev`: a file system of its own with six harmless devices, and terminals.
struct DeviceSteps {
    let host: HostFacts
    let sharesIPC: Bool
    let sharesMemory: Bool
    let isInteractive: Bool

    /// Where PID 1 mounts the memory files that several apps share, in the pod directory.
    static let sharedMemory = "shm"
    static let memoryOptions = [MountOption("mode", "1777"), MountOption("size", "65536k")]
    static let memoryAttributes: MountAttributes = [.noSetID, .noDevices, .noExecution]

    private static let nodes: [(name: String, major: UInt32, minor: UInt32)] = [
        ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9),
        ("tty", 5, 0),
    ]

    private static let links = [
        ("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"),
    ]

    var steps: [PlanStep] {
        let system = PlanStep.mount(
            type: "tmpfs",
            target: "/dev",
            attributes: [.noSetID, .noExecution],
            options: [MountOption("mode", "755"), MountOption("size", "65536k")]
        )
        return [system] + Self.nodes.map(step(for:))
            + Self.links.map { .symbolicLink(to: $0.1, path: "/dev/\($0.0)", ifAbsent: false) }
            + [terminals, memory] + queues + (isInteractive ? [.console] : [])
    }

    /// In a user namespace nobody can make nodes: the host's are bound.
    private func step(for node: (name: String, major: UInt32, minor: UInt32)) -> PlanStep {
        let path = "/dev/\(node.name)"
        return host.isRootless
            ? .bind(
                hostSource: path,
                target: path,
                attributes: [.noSetID, .noExecution],
                flags: .file
            )
            : .characterDevice(path: path, mode: 0o666, major: node.major, minor: node.minor)
    }

    private var terminals: PlanStep {
        var options = [MountOption("ptmxmode", "0666"), MountOption("mode", "0620")]
        if host.hasTerminalGroup { options.append(MountOption("gid", "5")) }
        return .mount(
            type: "devpts",
            target: "/dev/pts",
            attributes: [.noSetID, .noExecution],
            options: options
        )
    }

    private var memory: PlanStep {
        sharesMemory
            ? .bind(hostSource: Self.sharedMemory, target: "/dev/shm", attributes: [])
            : .mount(
                type: "tmpfs",
                target: "/dev/shm",
                attributes: Self.memoryAttributes,
                options: Self.memoryOptions
            )
    }

    /// Message queues belong to the IPC namespace, and only its owner can mount them.
    private var queues: [PlanStep] {
        if host.isRootless && sharesIPC { return [] }
        return [
            .mount(
                type: "mqueue",
                target: "/dev/mqueue",
                attributes: Self.memoryAttributes,
                isOptional: true
            )
        ]
    }
}
