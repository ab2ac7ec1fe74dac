internal import Addresses
internal import Linux
internal import Netlink

/// Whether the addresses of a built-in network are free on this host.
struct RouteClash {
    let network: BuiltInNetwork

    /// Refuses a network of which the host reaches some address by a route of its own.
    ///
    /// The whole list is long on a router, so it is only looked at by the first pod on the host.
    func check(all routes: inout NetlinkSocket) throws(NetworkError) {
        let list = try kernel { () throws(NetlinkError) in
            try routes.list(.routes(like: network.gateway.bytes))
        }
        for reply in list {
            guard let route = FoundRoute(reply), let prefix = route.foreignPrefix,
                prefix.overlaps(network.subnet)
            else { continue }
            throw clash(prefix, route, &routes)
        }
    }

    /// Refuses an address that the host reaches by a route of its own.
    func check(
        _ address: IPAddress,
        _ routes: inout NetlinkSocket
    ) throws(NetworkError) {
        let found: FoundRoute?
        do throws(NetlinkError) {
            found = FoundRoute(try routes.ask(.route(to: address.bytes)))
        } catch {
            // ENETUNREACH, EHOSTUNREACH: nothing leads there, which is fine.
            if error.error == Errno(101) || error.error == Errno(113) { return }
            throw .kernel(error)
        }
        guard let found, let prefix = found.foreignPrefix else { return }
        throw clash(prefix, found, &routes)
    }

    private func clash(
        _ prefix: IPPrefix,
        _ route: FoundRoute,
        _ routes: inout NetlinkSocket
    ) -> NetworkError {
        let links = (try? routes.list(.links).compactMap(Link.init)) ?? []
        let interface = links.first { $0.index == route.interface }?.name
        return .clash(
            network: network.name,
            subnet: network.subnet,
            with: prefix,
            interface: interface ?? "nowhere"
        )
    }
}

extension FoundRoute {
    /// The destination, if it is one that the host reaches in a way of its own; the default route isn't.
    fileprivate var foreignPrefix: IPPrefix? {
        // The local table (255) has the addresses of the host, of which every wire has one of ours.
        guard owner != Route.owner, length > 0, table != 255 else { return nil }
        return IPAddress(bytes: destination).flatMap { IPPrefix($0, length: length) }
    }
}
