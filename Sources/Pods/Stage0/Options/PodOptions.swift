package import AppContainer
package import PodNetworking

/// What the command line says about a pod and stays with it: it becomes part of the pod manifest.
package struct PodOptions: Equatable, Sendable {
    package var volumes: [Volume] = []
    /// Mounts that every app gets.
    package var mounts: [Mount] = []
    /// Ports of the host that lead to the pod.
    package var ports: [ExposedPort] = []
    /// The caller's variables, for names that an image doesn't set; empty unless asked for.
    package var inheritedEnvironment: [EnvironmentVariable] = []
    /// Variables of every app; files come before flags.
    package var environment: [EnvironmentVariable] = []

    /// A pod about which nothing is said.
    package init() {}
}

/// How a pod is started this time: nothing of it is stored.
package struct StartOptions: Equatable, Sendable {
    package var network = NetworkMode.none
    /// Where the programs of networks are.
    package var plugins = PluginSearch(directories: [])
    package var dns = DNSOptions.network
    package var hosts = HostsOptions.image
    /// The pod's name for itself; nil is `rkt-` and its UUID.
    package var hostname: String?
    /// The pod shares the host's System V objects and message queues.
    package var sharesIPC = false
    /// The one app is on rkt's terminal.
    package var isInteractive = false
    /// The protections switched off.
    package var insecure: SandboxOpenings = []
    /// ACIs get the same strict profile as OCI images, and both lose debuggers.
    package var isStrict = false
    /// The most processes and threads the pod may have.
    package var processLimit = 4096

    /// A pod without a network and with every protection.
    package init() {}
}

/// Protections that `--insecure-options` switches off, each just its own.
package struct SandboxOpenings: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    /// Openings by their bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Apps can have every capability.
    package static let capabilities = SandboxOpenings(rawValue: 1)
    /// `/proc`, `/sys` and devices are open, and no AppArmor profile closes them.
    package static let paths = SandboxOpenings(rawValue: 2)
    /// Every system call is allowed.
    package static let seccomp = SandboxOpenings(rawValue: 4)
}
