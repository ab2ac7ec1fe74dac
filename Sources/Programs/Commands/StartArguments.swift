internal import AppContainer
internal import Linux
internal import PodNetworking
internal import Stage0

/// What `run` and `run-prepared` read about how a pod is started.
struct StartArguments {
    private(set) var options = StartOptions()
    private var networks: [String] = []
    private var servers: [String] = []
    private var search: [String] = []
    private var resolverOptions: [String] = []
    private var domain = ""
    private var hosts: [String] = []

    private var isStrict: Bool?

    /// Turns what the flags said into options, together with the global flags and the configuration.
    mutating func finish(_ context: Context) throws {
        let configuration = context.options.localConfiguration
        let selection =
            networks.isEmpty ? NetworkSelection.default : try NetworkSelection(networks)
        options.network = try NetworkMode(selection) { () throws(NetworkCatalogError) in
            let catalog = try NetworkCatalog(configuration: configuration)
            for remark in catalog.remarks { context.debug(remark) }
            return catalog
        }
        options.plugins = context.plugins
        options.hosts = try HostsOptions(hosts)
        options.dns = try DNSOptions(
            servers: servers,
            search: search,
            options: resolverOptions,
            domain: domain
        )
        options.insecure = SandboxOpenings(context.options.insecure)
        let settings = try SandboxSettings(directories: context.options.configurationDirectories)
        options.isStrict = isStrict ?? settings.isStrict
    }

    /// Refuses what this pod can't have.
    func check(_ manifest: PodManifest) throws(CommandError) {
        if options.isInteractive, manifest.apps.count > 1 {
            throw .usage("interactive option only supports one image")
        }
    }

    /// The flags, for a command that keeps the arguments at a path.
    static func flags<C: Command>(_ path: WritableKeyPath<C, StartArguments>) -> [Flag<C>] {
        [
            .optional("net", default: "default", bare: "default", "configure the pod's networking")
            {
                $0[keyPath: path].networks.append($1)
            },
            .list("dns", "name servers to write in /etc/resolv.conf; 'host' or 'none'") {
                $0[keyPath: path].servers += $1
            },
            .list("dns-search", "DNS search domains to write in /etc/resolv.conf") {
                $0[keyPath: path].search += $1
            },
            .list("dns-opt", "DNS options to write in /etc/resolv.conf") {
                $0[keyPath: path].resolverOptions += $1
            },
            .string("dns-domain", "DNS domain to write in /etc/resolv.conf") {
                $0[keyPath: path].domain = $1
            },
            .list("hosts-entry", "entries to add to the pod-wide hosts file; 'host' for the host's")
            {
                $0[keyPath: path].hosts += $1
            },
            .string("hostname", "pod's hostname. If empty, it will be \"rkt-$PODUUID\"") {
                command,
                text throws(CommandError) in
                guard text.utf8.count <= 64,
                    !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F })
                else { throw .value("a host name has at most 64 characters and no blanks") }
                command[keyPath: path].options.hostname = text.isEmpty ? nil : text
            },
            .bool("interactive", "run pod interactively. If true, only one image may be supplied") {
                $0[keyPath: path].options.isInteractive = $1
            },
            .string("ipc", default: "auto", "IPC namespace: auto, private or parent") {
                command,
                text throws(CommandError) in
                guard ["", "auto", "private", "parent"].contains(text) else {
                    throw .value("it is not auto, private or parent")
                }
                command[keyPath: path].options.sharesIPC = text == "parent"
            },
            .integer(
                "pids-limit",
                default: "4096",
                "the most processes and threads in the pod",
                in: 1...4_194_304
            ) { $0[keyPath: path].options.processLimit = Int($1) },
            .string("default-caps", "profile of apps whose image asks for none: image or strict") {
                command,
                text throws(CommandError) in
                guard ["image", "strict"].contains(text) else {
                    throw .value("it is not image or strict")
                }
                command[keyPath: path].isStrict = text == "strict"
            },
            .notBuiltSwitch("mds-register"),
        ]
    }
}

extension Context {
    /// Where the programs of networks are.
    var plugins: PluginSearch {
        PluginSearch(
            configuration: options.localConfiguration,
            environment: Environment["CNI_PATH"]
        )
    }
}

extension SandboxOpenings {
    /// The protections of a running pod among those switched off.
    init(_ insecure: InsecureOptions) {
        self = []
        if insecure.contains(.capabilities) { insert(.capabilities) }
        if insecure.contains(.paths) { insert(.paths) }
        if insecure.contains(.seccomp) { insert(.seccomp) }
    }
}
