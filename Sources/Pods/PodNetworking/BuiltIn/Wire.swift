internal import Addresses
internal import Linux
internal import Netlink
internal import PodLifecycle

/// The making of a pod's wire to the host in one built-in network.
struct Wire {
    let uuid: PodUUID
    let network: BuiltInNetwork
    let host: NetworkHost
    /// The number of the interface in the pod.
    let number: Int

    var names: WireNames { WireNames(uuid: uuid, network: network, interface: number) }

    /// The host's address of version 6 in the network.
    private var gateway6: IPAddress { host.prefix.address(beside: network.gateway, in: network) }

    /// Makes both ends, and the host's addresses on its end.
    ///
    /// - Returns: the index of the host's end.
    func make(
        _ routes: inout NetlinkSocket,
        podNamespace: borrowing Descriptor
    ) throws(NetlinkError) -> Int32 {
        let names = names
        let pair = VethPair(
            here: .init(name: names.hostName, hardware: names.hostHardware),
            there: .init(name: names.podName, hardware: names.podHardware),
            namespace: podNamespace.number
        )
        try routes.perform([.make(pair)])
        let index = try routes.index(of: names.hostName)
        var messages: [NetlinkMessage] = [
            .leaveAlone(index), .bringUp(index),
            .add(.init(interface: index, address: network.gateway.bytes, prefix: 32)),
        ]
        if host.hasVersion6 {
            messages.append(.add(.init(interface: index, address: gateway6.bytes, prefix: 128)))
        }
        try routes.perform(messages)
        return index
    }

    /// Sends what is for the pod's address through the wire.
    ///
    /// - Returns: whether nobody else has the address; the kernel knows a single way to it, whoever made that.
    func claim(
        _ address: IPAddress,
        _ routes: inout NetlinkSocket,
        index: Int32
    ) throws(NetlinkError) -> Bool {
        var messages: [NetlinkMessage] = []
        for (own, gateway) in pairs(address) {
            let route = Route(
                to: own.bytes,
                length: own.version.bits,
                interface: index,
                source: gateway.bytes
            )
            messages.append(.add(route))
        }
        // Who is at the other end needs no asking, and can't be answered wrongly.
        for (own, _) in pairs(address) {
            messages.append(
                .add(Neighbour(interface: index, address: own.bytes, hardware: names.podHardware))
            )
        }
        do throws(NetlinkError) {
            try routes.perform(messages)
            return true
        } catch {
            guard error.error == .exists, error.index == 0 else { throw error }
            return false
        }
    }

    /// Sets up the pod's end, in the pod's namespace.
    func finish(_ address: IPAddress, _ routes: inout NetlinkSocket) throws(NetlinkError) {
        let index = try routes.index(of: names.podName)
        var messages: [NetlinkMessage] = [.leaveAlone(index), .bringUp(index)]
        var ways: [NetlinkMessage] = []
        for (own, gateway) in pairs(address) {
            let prefix = prefix(of: own)
            messages += [
                .add(.init(interface: index, address: own.bytes, prefix: UInt8(prefix.length))),
                .add(Route(to: gateway.bytes, length: gateway.version.bits, interface: index)),
                .add(
                    Neighbour(
                        interface: index,
                        address: gateway.bytes,
                        hardware: names.hostHardware
                    )
                ),
            ]
            if network.reach == .everywhere {
                let everything = [UInt8](repeating: 0, count: own.bytes.count)
                ways.append(
                    .add(
                        Route(to: everything, length: 0, interface: index, gateway: gateway.bytes)
                    )
                )
            }
        }
        do throws(NetlinkError) {
            try routes.perform(messages + ways)
        } catch {
            // A network before this one leads everywhere already.
            guard error.error == .exists, error.index >= messages.count else { throw error }
        }
    }

    /// The pod's addresses with the host's beside them.
    func pairs(_ address: IPAddress) -> [(own: IPAddress, gateway: IPAddress)] {
        let four = (own: address, gateway: network.gateway)
        guard host.hasVersion6 else { return [four] }
        return [four, (host.prefix.address(beside: address, in: network), gateway6)]
    }

    private func prefix(of address: IPAddress) -> IPPrefix {
        address.version == .four ? network.subnet : host.prefix.prefix(of: network)
    }

    /// What the pod got.
    func attachment(_ address: IPAddress) -> Attachment {
        var attachment = Attachment(
            network: network.name,
            interface: names.podName,
            addresses: pairs(address).compactMap { own, _ in
                IPPrefix(own, length: prefix(of: own).length)
            },
            configuration: network.fileName
        )
        attachment.isMasqueraded = network.reach == .everywhere
        return attachment
    }
}
