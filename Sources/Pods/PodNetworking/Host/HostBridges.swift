package import Addresses
internal import Netlink

/// What the host itself knows about subnets and bridges.
package enum HostBridges {
    /// A route of the host's that has addresses in common with a subnet.
    package struct Clash: Equatable, Sendable {
        package let prefix: IPPrefix
        package let interface: String
    }

    /// The host's own way to some address of a subnet, if it has one; the default route doesn't count.
    ///
    /// - Parameter bridge: the subnet's own interface, if it is there already.
    package static func clash(
        of subnet: IPPrefix,
        bridge: String
    ) throws(NetworkError) -> Clash? {
        let (links, routes) = try kernel { () throws(NetlinkError) in
            var socket = try NetlinkSocket(.route)
            let links = try socket.list(.links).compactMap(Link.init)
            return (links, try socket.list(.routes(like: subnet.address.bytes)))
        }
        for case let route? in routes.map(FoundRoute.init) {
            guard route.length > 0, route.table != localTable,
                let address = IPAddress(bytes: route.destination),
                let prefix = IPPrefix(address, length: route.length), prefix.overlaps(subnet),
                !isEverywhere(prefix)
            else { continue }
            let interface = links.first { $0.index == route.interface }?.name ?? "nowhere"
            if interface != bridge { return Clash(prefix: prefix, interface: interface) }
        }
        return nil
    }

    /// Removes a bridge; one that isn't there is fine.
    package static func remove(_ name: String) throws(NetworkError) {
        try kernel { () throws(NetlinkError) in
            var socket = try NetlinkSocket(.route)
            let links = try socket.list(.links).compactMap(Link.init)
            guard links.contains(where: { $0.name == name }) else { return }
            try socket.perform([.removeLink(named: name)])
        }
    }

    /// The table of the kernel's own addresses.
    private static let localTable: UInt32 = 255

    /// Link-local and multicast addresses are on every interface.
    private static func isEverywhere(_ prefix: IPPrefix) -> Bool {
        ["fe80::/10", "ff00::/8", "169.254.0.0/16"].compactMap { IPPrefix($0) }
            .contains { $0.contains(prefix.address) }
    }
}
