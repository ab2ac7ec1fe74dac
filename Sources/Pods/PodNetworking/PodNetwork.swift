internal import Addresses
package import Linux
internal import Netlink
package import PodLifecycle
package import Stage1ABI

/// A network that a pod shall be on.
package struct NetworkRequest: Equatable, Sendable {
    package var network: BuiltInNetwork
    /// What stood behind its name in `--net`.
    package var arguments: String

    /// A network with arguments.
    package init(_ network: BuiltInNetwork, arguments: String = "") {
        self.network = network
        self.arguments = arguments
    }
}

/// The network of a pod, made: what stage1 needs of it and what there is to say about it.
package struct PodNetwork: ~Copyable {
    /// The pod's network namespace; it lives as long as somebody has it open or is in it.
    package let namespace: Descriptor
    /// The host's, in use.
    package let host: HostUse
    package let attachments: [Attachment]
    /// What gives everything back when the pod has ended.
    package let endSteps: [EndStep]

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
    private let uuid: PodUUID
    private let data: Directory
    private let isRunning: (PodUUID) -> Bool
    private let host = NetworkHost.current()
    private let use: HostUse
    private let podNamespace: Descriptor
    private var hostRoutes: NetlinkSocket
    private var podRoutes: NetlinkSocket
    private var attachments: [Attachment] = []
    private var endSteps: [EndStep] = []

    /// Makes the pod's network namespace.
    package static func begin(
        _ uuid: PodUUID,
        data: consuming Directory,
        isRunning: @escaping (PodUUID) -> Bool
    ) throws(NetworkError) -> PodNetworkSetup {
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
            uuid: uuid,
            data: data,
            isRunning: isRunning,
            use: use,
            podNamespace: podNamespace,
            hostRoutes: hostRoutes,
            podRoutes: podRoutes
        )
    }

    private init(
        uuid: PodUUID,
        data: consuming Directory,
        isRunning: @escaping (PodUUID) -> Bool,
        use: consuming HostUse,
        podNamespace: consuming Descriptor,
        hostRoutes: consuming NetlinkSocket,
        podRoutes: consuming NetlinkSocket
    ) {
        self.uuid = uuid
        self.data = data
        self.isRunning = isRunning
        self.use = use
        self.podNamespace = podNamespace
        self.hostRoutes = hostRoutes
        self.podRoutes = podRoutes
    }

    /// Puts the pod on a network; the order of calls is that of the pod's interfaces.
    package mutating func attach(_ request: NetworkRequest) throws(NetworkError) {
        let network = request.network
        let wire = Wire(uuid: uuid, network: network, host: host, number: attachments.count)
        let clash = RouteClash(network: network)
        let isFirst = try use.makeTable(host.prefix)
        if isFirst { try clash.check(all: &hostRoutes) }
        if network.reach == .everywhere { try host.forward() }
        let index = try kernel { () throws(NetlinkError) in
            try wire.make(&hostRoutes, podNamespace: podNamespace)
        }
        let address = try lease(request, wire, clash, index)
        try kernel { () throws(NetlinkError) in try wire.finish(address, &podRoutes) }
        var attachment = wire.attachment(address)
        attachment.arguments = request.arguments
        attachments.append(attachment)
        endSteps.append(.remove(hostFile: Leases.file(address, network: network)))
    }

    /// Finds an address that is free in this data directory and on this host.
    private mutating func lease(
        _ request: NetworkRequest,
        _ wire: Wire,
        _ clash: RouteClash,
        _ index: Int32
    ) throws(NetworkError) -> IPAddress {
        let leases = try Leases(of: request.network, in: data, isRunning: isRunning)
        let wanted = try request.wantedAddress()
        var others: Set<IPAddress> = []
        while true {
            let address: IPAddress
            if let wanted {
                if let holder = try leases.take(wanted, for: uuid) {
                    throw .taken(wanted, holder: "pod \"\(holder)\"")
                }
                address = wanted
            } else {
                address = try leases.take(for: uuid, except: others)
            }
            do throws(NetworkError) {
                try clash.check(address, &hostRoutes)
                let isFree = try kernel { () throws(NetlinkError) in
                    try wire.claim(address, &hostRoutes, index: index)
                }
                if isFree { return address }
            } catch {
                try? leases.remove(address, of: uuid)
                throw error
            }
            try leases.remove(address, of: uuid)
            guard wanted == nil else {
                throw .taken(address, holder: "a pod of another data directory")
            }
            others.insert(address)
        }
    }

    /// Ends the set-up.
    package consuming func finished() -> PodNetwork {
        let last = NetlinkMessage.encodedTransaction(HostTable.removal)
        return PodNetwork(
            namespace: podNamespace,
            host: use,
            attachments: attachments,
            endSteps: endSteps + [.filterIfLast(last)]
        )
    }
}

extension NetworkRequest {
    /// The address that `IP=` in the arguments asks for.
    fileprivate func wantedAddress() throws(NetworkError) -> IPAddress? {
        guard !arguments.isEmpty else { return nil }
        var wanted: IPAddress?
        for argument in arguments.split(separator: ";") {
            let parts = argument.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0] == "IP" else {
                throw .argument(
                    network: network.name,
                    "\"\(argument)\" is unknown (use IP=ADDRESS)"
                )
            }
            guard let address = IPAddress(parts[1]), network.isForPods(address) else {
                throw .argument(
                    network: network.name,
                    "\"\(parts[1])\" is no address of a pod in \(network.subnet)"
                )
            }
            wanted = address
        }
        return wanted
    }
}

extension BuiltInNetwork {
    /// Whether a pod can have an address.
    fileprivate func isForPods(_ address: IPAddress) -> Bool {
        guard subnet.contains(address) else { return false }
        return self.address(UInt32(address.value - subnet.network.address.value)) != nil
    }
}
