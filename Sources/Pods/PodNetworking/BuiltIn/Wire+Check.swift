internal import Addresses
internal import JSON
internal import Linux
internal import Netlink

extension Wire {
    /// What is wrong with the wire of a pod that has an address; nil if all is as it was made.
    func fault(
        _ address: IPAddress,
        onHost hostRoutes: inout NetlinkSocket,
        inPod podRoutes: inout NetlinkSocket
    ) throws(NetlinkError) -> String? {
        let (outer, inner) = (names.hostName, names.podName)
        guard let own = try podRoutes.link(named: inner), own.isUp else {
            return "the pod's interface \(quoted(inner)) is missing or down"
        }
        guard let other = try hostRoutes.link(named: outer), other.isUp else {
            return "the host's interface \(quoted(outer)) is missing or down"
        }
        for (address, gateway) in pairs(address) {
            let list = try podRoutes.list(.routes(like: address.bytes)).compactMap(FoundRoute.init)
            if let fault = fault(address, gateway, list, through: own.index) { return fault }
            guard try hostRoutes.leads(to: address, through: other.index) else {
                return "the host's route to \(address) is missing"
            }
        }
        return nil
    }

    /// What is wrong with the pod's end.
    private func fault(
        _ address: IPAddress,
        _ gateway: IPAddress,
        _ routes: [FoundRoute],
        through interface: Int32
    ) -> String? {
        // The kernel has a route to itself (2, RTN_LOCAL) for each of its addresses.
        guard routes.contains(where: { $0.kind == 2 && $0.destination == address.bytes }) else {
            return "the pod's address \(address) is missing"
        }
        let ways = routes.filter { $0.kind == 1 }
        let isToGateway = { (way: FoundRoute) in
            way.interface == interface && way.destination == gateway.bytes
        }
        guard ways.contains(where: isToGateway) else {
            return "the pod's route to \(gateway) is missing"
        }
        // It may be another network's.
        guard network.reach == .hostOnly || ways.contains(where: { $0.length == 0 }) else {
            return "the pod's default route is missing"
        }
        return nil
    }
}

extension NetlinkSocket {
    /// Whether packets to a single address go through an interface.
    fileprivate mutating func leads(
        to address: IPAddress,
        through interface: Int32
    ) throws(NetlinkError) -> Bool {
        do throws(NetlinkError) {
            let route = FoundRoute(try ask(.route(to: address.bytes)))
            return route?.interface == interface && route?.length == address.version.bits
        } catch {
            // ENETUNREACH, EHOSTUNREACH
            guard [Errno(101), Errno(113)].contains(error.error) else { throw error }
            return false
        }
    }
}
