internal import Addresses
internal import JSON
internal import Linux
internal import PodNetworking

/// `rkt network create`.
struct NetworkCreateCommand: Command {
    static let name = "network create"
    static let summary = "Describe a network of pods on this host"
    static let usage = "--subnet=SUBNET [--ipv6[=SUBNET]] [--internal] NAME"
    static let details = """
        Writes the description of a network into net.d of the local configuration directory, as one would by hand, and prints \
        its path. The network is a bridge of this host's; the plugins make it when the first pod comes. A pod is on it with \
        --net=NAME.

        Pods on it reach each other, the host, and through the host, as the host, everything else, and ports of the host can lead \
        to them (--port). On an internal network they reach each other and nothing else.
        """

    static var flags: [Flag<Self>] {
        [
            .string("subnet", "the addresses of its pods, for instance 10.20.0.0/24") {
                command,
                text throws(CommandError) in
                guard command.subnet == nil else { throw .value("it is given twice") }
                command.subnet = try Self.subnet(text)
            },
            .optional(
                "ipv6",
                bare: "",
                "addresses of version 6 too; random local ones unless given"
            ) {
                command,
                text throws(CommandError) in
                command.hasVersion6 = true
                if text.isEmpty { return }
                let subnet = try Self.subnet(text)
                guard subnet.address.version == .six else {
                    throw .value("it is not a subnet of version 6")
                }
                command.subnet6 = subnet
            },
            .bool("internal", "pods reach each other and nothing else") { $0.isInternal = $1 },
        ]
    }

    private var subnet: IPPrefix?
    private var subnet6: IPPrefix?
    private var hasVersion6 = false
    private var isInternal = false

    private static func subnet(_ text: String) throws(CommandError) -> IPPrefix {
        guard let subnet = IPPrefix(text) else { throw .value("it is not a subnet ADDRESS/LENGTH") }
        return subnet
    }

    mutating func run(_ context: Context) throws {
        guard context.arguments.count == 1 else {
            throw CommandError.usage("must provide one name for the network")
        }
        let network = try NewNetwork(
            context.arguments[0],
            subnets: try subnets(),
            isInternal: isInternal,
            beside: try context.networks()
        )
        for subnet in network.subnets {
            guard let clash = try HostBridges.clash(of: subnet, bridge: network.bridge) else {
                continue
            }
            throw NewNetworkError.route(subnet, clash.prefix, interface: clash.interface)
        }
        context.print(try write(network, context))
        let missing = ["bridge", "host-local"] + (isInternal ? [] : ["portmap", "firewall"])
        for plugin in missing where !context.plugins.has(plugin) {
            context.complain("warning: the plugin \"\(plugin)\" is not installed")
        }
    }

    /// What the flags say; one of both versions of IP at most.
    private func subnets() throws -> [IPPrefix] {
        guard let subnet else { throw CommandError.usage("must provide --subnet=ADDRESS/LENGTH") }
        guard hasVersion6 else { return [subnet] }
        guard subnet.address.version == .four else {
            throw CommandError.usage("--subnet is of version 6 already, so --ipv6 says too much")
        }
        let six = subnet6 ?? NewNetwork.localSubnet(random: randomBytes(5))
        return [subnet] + (six.map { [$0] } ?? [])
    }

    private func write(_ network: NewNetwork, _ context: Context) throws(CommandError) -> String {
        let path = "\(context.options.localConfiguration)/\(NetworkCatalog.directory)"
        do throws(Errno) {
            let directory = try Directory.making(path: path, mode: 0o755)
            guard !directory.contains(network.fileName) else { throw .exists }
            try directory.replaceFile(
                network.fileName,
                network.document.encodedBytes(.spaces(2)) + [0x0A],
                mode: 0o644,
                durable: true
            )
        } catch {
            throw .failed("cannot write \"\(path)/\(network.fileName)\": \(error)")
        }
        return "\(path)/\(network.fileName)"
    }
}
