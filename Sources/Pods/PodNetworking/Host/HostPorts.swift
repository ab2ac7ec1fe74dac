internal import Addresses
internal import Linux
internal import Netlink
internal import Stage1ABI

/// Ports of the host that lead to a pod.
///
/// Each is held by a socket that is bound to it and inherited by the supervisor: so a port that a program of the host or
/// another pod uses is refused before anything starts, nobody takes it while the pod runs, and it is free again when the
/// supervisor is gone, however that came about.
struct HostPorts {
    private let forwards: [PortForward]
    private let hostHasVersion6: Bool

    /// More would not fit the limit of open files that most systems have.
    private static let most = 512
    /// An attribute has at most 64 KiB.
    private static let elementsPerMessage = 256

    init(_ forwards: [PortForward], _ host: NetworkHost) {
        self.forwards = forwards
        hostHasVersion6 = host.hasVersion6
    }

    // MARK: Holding

    /// Takes the ports, or says which one somebody else has.
    func hold() throws(NetworkError) {
        let count = forwards.reduce(0) { $0 + Int($1.count) }
        guard count <= Self.most else {
            throw .port("list", reason: "\(count) ports are more than \(Self.most)")
        }
        for forward in forwards {
            for address in addresses(of: forward) {
                for port in forward.hostPorts { try hold(forward.protocol, address, port) }
            }
        }
    }

    private func addresses(of forward: PortForward) -> [IPAddress] {
        if let address = forward.hostAddress { return [address] }
        let all = [IPAddress(.four, 0)] + (hostHasVersion6 ? [IPAddress(.six, 0)] : [])
        return all.compactMap { $0 }
    }

    private func hold(
        _ kind: PortProtocol,
        _ address: IPAddress,
        _ port: UInt16
    ) throws(NetworkError) {
        do throws(Errno) {
            let socket = try Descriptor.bound(kind == .udp, address.bytes, port: port)
            try socket.keepOnExec()
            // From here on it is open until this process, or what it becomes, ends.
            _ = socket.release()
        } catch {
            let text = address.version == .six ? "[\(address)]" : "\(address)"
            throw .port("\(kind.rawValue) \(text):\(port)", reason: Self.reason(error))
        }
    }

    /// EADDRINUSE and EADDRNOTAVAIL in terms of what can be done about them.
    private static func reason(_ error: Errno) -> String {
        switch error {
        case Errno(98): "it is in use by another pod or program of the host"
        case Errno(99): "the host doesn't have this address"
        default: error.description
        }
    }

    // MARK: Forwarding

    /// The elements that lead to a pod's addresses, by map.
    func elements(to attachment: Attachment) throws(NetworkError) -> [PortMap: [FilterElement]] {
        var elements: [PortMap: [FilterElement]] = [:]
        for forward in forwards {
            var isReachable = false
            for map in PortMap.all where map.takes(forward.hostAddress) {
                guard let target = attachment.address(map.version)?.address else { continue }
                isReachable = true
                for offset in 0..<forward.count {
                    elements[map, default: []].append(map.element(forward, offset, target))
                }
            }
            guard isReachable else {
                throw .port(
                    "\(forward.hostPort)",
                    reason: "the pod has no address of the version of the host's address"
                )
            }
        }
        return elements
    }

    /// Puts the elements into the host's maps, in place of what killed pods have left there.
    static func add(
        _ elements: [PortMap: [FilterElement]],
        _ filter: inout NetlinkSocket
    ) throws(NetlinkError) {
        let additions = messages(elements) { .add($0, map: $1, table: HostTable.name) }
        do throws(NetlinkError) {
            try filter.change(additions)
        } catch {
            guard error.error == .exists else { throw error }
            // We hold the ports, so whoever is in the maps for them is gone.
            var stale: [PortMap: [FilterElement]] = [:]
            for (map, own) in elements {
                let keys = Set(own.map(\.key))
                stale[map] = try map.elements(&filter).filter { keys.contains($0.key) }
            }
            try filter.change(removals(stale) + additions)
            forget(stale, &filter)
        }
    }

    /// Has datagrams come to the pod whose senders have been at it since before the pod was there.
    func forgetUnanswered(_ filter: inout NetlinkSocket) {
        for forward in forwards where forward.protocol == .udp {
            for port in forward.hostPorts {
                // AF_INET, AF_INET6
                for family: UInt8 in [2, 10] {
                    try? filter.perform([.forgetUnanswered(port: port, family: family)])
                }
            }
        }
    }

    /// Forgets the connections to pods that are gone.
    private static func forget(
        _ elements: [PortMap: [FilterElement]],
        _ filter: inout NetlinkSocket
    ) {
        let addresses = elements.flatMap { map, elements in elements.map(map.address(of:)) }
        for address in Set(addresses) {
            try? filter.perform([.forgetConnections(answeredBy: address)])
        }
    }

    /// What takes the elements out of the maps.
    static func removals(_ elements: [PortMap: [FilterElement]]) -> [NetlinkMessage] {
        messages(elements) { .remove($0, map: $1, table: HostTable.name) }
    }

    private static func messages(
        _ elements: [PortMap: [FilterElement]],
        _ message: ([FilterElement], String) -> NetlinkMessage
    ) -> [NetlinkMessage] {
        PortMap.all.flatMap { map -> [NetlinkMessage] in
            let own = elements[map] ?? []
            return stride(from: 0, to: own.count, by: elementsPerMessage).map { start in
                message(Array(own[start...].prefix(elementsPerMessage)), map.name)
            }
        }
    }

    /// Removes the elements that lead to addresses no pod has any more.
    ///
    /// Pods of other data directories are in the same maps, so the kernel is asked: it has a route to each running pod.
    static func collect() throws(NetlinkError) {
        var filter = try NetlinkSocket(.filter)
        guard try filter.has(table: HostTable.name) else { return }
        var routes = try NetlinkSocket(.route)
        var stale: [PortMap: [FilterElement]] = [:]
        for map in PortMap.all {
            stale[map] = try map.elements(&filter).filter { element in
                let route = (try? routes.ask(.route(to: map.address(of: element)))).flatMap(
                    FoundRoute.init
                )
                return route?.owner != Route.owner
            }
        }
        let removals = removals(stale)
        if removals.isEmpty { return }
        try filter.change(removals)
        forget(stale, &filter)
    }
}

extension PortMap {
    var version: IPAddress.Version {
        switch self {
        case .four, .anyFour: .four
        case .six, .anySix: .six
        }
    }

    /// Whether ports of an address of the host belong into the map; without an address they are of all addresses.
    func takes(_ address: IPAddress?) -> Bool {
        let isAny = self == .anyFour || self == .anySix
        guard let address else { return isAny }
        return address.version == version && address.isUnspecified == isAny
    }

    func element(_ forward: PortForward, _ offset: UInt16, _ target: IPAddress) -> FilterElement {
        // The numbers of <netinet/in.h>.
        let transport: UInt8 = forward.protocol == .tcp ? 6 : 17
        let isAny = self == .anyFour || self == .anySix
        let address = isAny ? [] : forward.hostAddress?.bytes ?? []
        return FilterElement(
            key: [transport, 0, 0, 0] + address + Self.bytes(forward.hostPort + offset),
            value: target.bytes + Self.bytes(forward.podPort + offset)
        )
    }

    private static func bytes(_ port: UInt16) -> [UInt8] {
        [UInt8(port >> 8), UInt8(truncatingIfNeeded: port), 0, 0]
    }

    /// The pod's address that an element leads to.
    func address(of element: FilterElement) -> [UInt8] {
        Array(element.value.prefix(version == .four ? 4 : 16))
    }

    func elements(_ filter: inout NetlinkSocket) throws(NetlinkError) -> [FilterElement] {
        try filter.list(.elements(ofMap: name, table: HostTable.name))
            .flatMap(FilterElement.all(in:))
    }
}
