internal import Addresses
package import CNI
package import Linux
internal import Netlink
internal import PodLifecycle
package import Stage1ABI

/// The network of a pod, made: what stage1 needs of it and what there is to say about it.
package struct PodNetwork: ~Copyable {
    /// The pod's network namespace; it lives as long as somebody has it open or is in it.
    package let namespace: Descriptor
    /// The host's, in use.
    package let host: HostUse
    package let attachments: [Attachment]
    /// What rules of others keep from the pod.
    package let obstacles: [FirewallObstacle]
    /// What gives everything back when the pod has ended.
    package let endSteps: [EndStep]

    /// Takes back the rules about a pod that didn't start.
    package static func takeBackRules(_ endSteps: [EndStep]) {
        for case .filter(let transaction) in endSteps {
            do throws(NetlinkError) {
                try NetlinkSocket(.filter).send(transaction: transaction)
            } catch {
                // The table is about to go, or gc does it.
            }
        }
    }

    /// Gives up the handle for the descriptors that keep the pod's namespace and its hold on the host's.
    package consuming func intoDescriptors() -> NetworkDescriptors {
        NetworkDescriptors(pod: namespace, host: host.intoDescriptor())
    }
}

/// The network namespaces of a pod and its host.
package struct NetworkDescriptors: ~Copyable {
    package let pod: Descriptor
    package let host: Descriptor

    /// Gives up ownership and returns the numbers.
    package consuming func released() -> (pod: Int32, host: Int32) {
        (pod.release(), host.release())
    }
}

/// The making of a pod's network.
///
/// If it fails or this process is killed, the kernel removes namespace, wires and routes as soon as nobody has the
/// namespace open; what stays are leases, which nobody heeds once the pod's lock is gone.
package struct PodNetworkSetup: ~Copyable {
    private let pod: PodPlace
    private let host = NetworkHost.current()
    private let use: HostUse
    private let podNamespace: Descriptor
    private var hostRoutes: NetlinkSocket
    private var podRoutes: NetlinkSocket
    private var attachments: [Attachment] = []
    private var obstacles: [FirewallObstacle] = []
    private var endSteps: [EndStep] = []

    /// Makes the pod's network namespace.
    package static func begin(_ pod: PodPlace) throws(NetworkError) -> PodNetworkSetup {
        let use = try HostUse()
        let hostRoutes = try kernel { () throws(NetlinkError) in try NetlinkSocket(.route) }
        let podNamespace = try step("make the pod's network namespace") { () throws(Errno) in
            try CurrentProcess.unshare(.network)
            return try Descriptor.open("/proc/self/ns/net")
        }
        let podRoutes = try kernel { () throws(NetlinkError) in try NetlinkSocket(.route) }
        try step("go back to the host's network namespace") { () throws(Errno) in
            try CurrentProcess.join(use.namespace, .network)
        }
        return PodNetworkSetup(
            pod: pod,
            use: use,
            podNamespace: podNamespace,
            hostRoutes: hostRoutes,
            podRoutes: podRoutes
        )
    }

    private init(
        pod: PodPlace,
        use: consuming HostUse,
        podNamespace: consuming Descriptor,
        hostRoutes: consuming NetlinkSocket,
        podRoutes: consuming NetlinkSocket
    ) {
        self.pod = pod
        self.use = use
        self.podNamespace = podNamespace
        self.hostRoutes = hostRoutes
        self.podRoutes = podRoutes
    }

    /// Puts the pod on networks, in the order of its interfaces, and leads ports of the host to it.
    ///
    /// - Parameter told: what plugins of all networks are told about the pod.
    package mutating func attach(
        _ networks: [ChosenNetwork],
        ports: [PortForward],
        telling told: RuntimeConfiguration,
        plugins: PluginRuntime
    ) throws(NetworkError) {
        for network in networks { try network.askForReadiness(plugins) }
        // rkt's rule: the first network that looks like the host outside, or else the last one.
        let target = networks.firstIndex(where: \.entry.isMasqueraded) ?? networks.indices.last
        if !ports.isEmpty, let target, networks[target].entry.file == nil {
            try HostPorts(ports, host).hold()
        }
        do throws(NetworkError) {
            for (index, network) in networks.enumerated() {
                let ports = index == target ? ports : []
                if network.entry.file == nil {
                    try attachBuiltIn(network, ports: ports)
                } else {
                    try attach(network, ports: ports, told, plugins)
                }
            }
        } catch {
            PodNetwork.takeBackRules(endSteps)
            // What plugins keep doesn't go with the pod's namespace.
            do throws(PluginError) { try plugins.release(pod.directory(), .kept) } catch {}
            throw error
        }
        // Who can't look starts pods all the same.
        if let found = try? obstacles(networks, ports: ports.isEmpty ? nil : target) {
            obstacles = found
        }
    }

    /// Rules of others that keep the pod from what its networks are for.
    private func obstacles(
        _ networks: [ChosenNetwork],
        ports target: Int?
    ) throws(NetworkError) -> [FirewallObstacle] {
        let firewall = try HostFirewall()
        var obstacles: [FirewallObstacle] = []
        for (index, network) in networks.enumerated() {
            guard let interfaces = PodInterfaces(of: network.entry) else { continue }
            let ways = interfaces.waysToCheck(hasPorts: index == target)
            obstacles += try firewall.obstacles(to: interfaces, ways, on: host)
        }
        return obstacles
    }

    // MARK: Built-in networks

    private mutating func attachBuiltIn(
        _ chosen: ChosenNetwork,
        ports: [PortForward]
    ) throws(NetworkError) {
        guard let network = chosen.entry.builtIn else { throw .unknown([chosen.entry.name]) }
        let wire = Wire(uuid: pod.uuid, network: network, host: host, number: attachments.count)
        let clash = RouteClash(network: network)
        let isFirst = try use.makeTable(host.prefix)
        if isFirst { try clash.check(all: &hostRoutes) }
        if network.reach == .everywhere { try host.forward(noting: pod.data()) }
        let index = try kernel { () throws(NetlinkError) in
            try wire.make(&hostRoutes, podNamespace: podNamespace)
        }
        let wanted = try network.wantedAddress(chosen.arguments)
        let address = try lease(network, wanted, wire, clash, index)
        endSteps.append(.remove(hostFile: Leases.file(address, network: network)))
        try kernel { () throws(NetlinkError) in try wire.finish(address, &podRoutes) }
        var attachment = wire.attachment(address)
        attachment.arguments = chosen.arguments.text
        attachments.append(attachment)
        if !ports.isEmpty { try lead(ports, to: attachment, through: index) }
    }

    /// Finds an address that is free in this data directory and on this host.
    private mutating func lease(
        _ network: BuiltInNetwork,
        _ wanted: IPAddress?,
        _ wire: Wire,
        _ clash: RouteClash,
        _ index: Int32
    ) throws(NetworkError) -> IPAddress {
        let leases = try Leases(of: network, in: pod.data(), isRunning: pod.isRunning)
        var others: Set<IPAddress> = []
        while true {
            let address = try leases.take(wanted, for: pod.uuid, except: others)
            do throws(NetworkError) {
                try clash.check(address, &hostRoutes)
                let isFree = try kernel { () throws(NetlinkError) in
                    try wire.claim(address, &hostRoutes, index: index)
                }
                if isFree { return address }
            } catch {
                try? leases.remove(address, of: pod.uuid)
                throw error
            }
            try leases.remove(address, of: pod.uuid)
            guard wanted == nil else {
                throw .taken(address, holder: "a pod of another data directory")
            }
            others.insert(address)
        }
    }

    private mutating func lead(
        _ ports: [PortForward],
        to attachment: Attachment,
        through wire: Int32
    ) throws(NetworkError) {
        let held = HostPorts(ports, host)
        let elements = try held.elements(to: attachment)
        try kernel { () throws(NetlinkError) in
            try hostRoutes.perform([.routeLoopback(wire)])
            if host.hasVersion6 { try hostRoutes.perform([.receiveLoopback(wire)]) }
            var filter = try NetlinkSocket(.filter)
            try HostPorts.add(elements, &filter)
            held.forgetUnanswered(&filter)
        }
        endSteps.append(.filter(NetlinkMessage.encodedTransaction(HostPorts.removals(elements))))
        endSteps += attachment.addresses.map {
            .filter(
                NetlinkMessage.forgetConnections(answeredBy: $0.address.bytes).encodedAlone
            )
        }
    }

    // MARK: Networks of plugins

    private mutating func attach(
        _ chosen: ChosenNetwork,
        ports: [PortForward],
        _ told: RuntimeConfiguration,
        _ plugins: PluginRuntime
    ) throws(NetworkError) {
        guard let file = chosen.entry.file else { return }
        var runtime = told
        chosen.arguments.add(to: &runtime)
        runtime.portMappings = ports.flatMap(\.mappings)
        let request = PluginAttachment(
            AttachmentName(containerID: pod.uuid.description, interface: chosen.interface),
            network: file.configuration,
            // A path that works for whoever this process starts, and that nothing has to be removed of.
            namespace: "/proc/\(CurrentProcess.pid)/fd/\(podNamespace.number)",
            arguments: chosen.arguments.pluginArguments,
            runtime: runtime
        )
        do throws(PluginError) {
            let records = try AttachmentRecords(making: pod.directory())
            let result = try plugins.attach(request, keeping: records)
            attachments.append(Attachment(chosen, file, result))
        } catch {
            throw .plugin(network: chosen.entry.name, reason: error.description)
        }
    }

    /// Ends the set-up.
    ///
    /// - Parameter release: what gives back the networks of plugins.
    package consuming func finished(release: EndStep) -> PodNetwork {
        let last = NetlinkMessage.encodedTransaction(HostTable.removal)
        let hasPlugins = attachments.contains { !$0.plugin.isEmpty }
        return PodNetwork(
            namespace: podNamespace,
            host: use,
            attachments: attachments,
            obstacles: obstacles,
            endSteps: (hasPlugins ? [release] : []) + endSteps + [.filterIfLast(last)]
        )
    }
}

extension ChosenNetwork {
    /// Refuses a network whose plugins say that they can take no pod now, before anything is made.
    fileprivate func askForReadiness(_ plugins: PluginRuntime) throws(NetworkError) {
        guard let file = entry.file else { return }
        do throws(PluginError) {
            _ = try plugins.status(file.configuration)
        } catch {
            throw .plugin(network: entry.name, reason: error.description)
        }
    }
}

extension BuiltInNetwork {
    /// The address that `IP=` in the arguments asks for.
    fileprivate func wantedAddress(
        _ arguments: NetworkArguments
    ) throws(NetworkError) -> IPAddress? {
        for argument in arguments.all where !["IP", "IgnoreUnknown"].contains(argument.key) {
            throw .argument(network: name, "\"\(argument.key)\" is unknown (use IP=ADDRESS)")
        }
        guard let text = arguments["IP"] else { return nil }
        guard let address = IPAddress(text), isForPods(address) else {
            throw .argument(network: name, "\"\(text)\" is no address of a pod in \(subnet)")
        }
        return address
    }

    /// Whether a pod can have an address.
    fileprivate func isForPods(_ address: IPAddress) -> Bool {
        guard subnet.contains(address) else { return false }
        return self.address(UInt32(address.value - subnet.network.address.value)) != nil
    }
}
