internal import Addresses
package import JSON

extension NetworkResult {
    /// The document that tells this in a version.
    ///
    /// What the version has no member for is left out where nothing depends on it, for instance interfaces before 0.3.0;
    /// a second address of one version of IP is an error there.
    package func json(_ version: CNIVersion) throws(CNIError) -> JSON {
        var members: [JSON.Member] = [.init("cniVersion", .string(version.rawValue))]
        switch version.layout {
        case .pair: try appendHalves(version, to: &members)
        case .versionedList, .list: appendLists(version, to: &members)
        }
        members.append(.init("dns", nameService.json))
        return .object(members)
    }

    private func appendHalves(
        _ version: CNIVersion,
        to members: inout [JSON.Member]
    ) throws(CNIError) {
        for (name, family) in [("ip4", UInt8(4)), ("ip6", 6)] {
            let own = addresses.filter { $0.prefix.address.version.rawValue == family }
            guard let address = own.first else { continue }
            guard own.count == 1 else {
                throw .notExpressible(version, reason: "two addresses of IP version \(family)")
            }
            var half: [JSON.Member] = [.init("ip", .string(address.prefix.description))]
            half.append("gateway", text: address.gateway)
            let routes = routes.filter { $0.destination.address.version.rawValue == family }
            if !routes.isEmpty {
                half.append(.init("routes", .array(routes.map { $0.json(version) })))
            }
            members.append(.init(name, .object(half)))
        }
    }

    private func appendLists(_ version: CNIVersion, to members: inout [JSON.Member]) {
        if !interfaces.isEmpty {
            members.append(.init("interfaces", .array(interfaces.map { $0.json(version) })))
        }
        if !addresses.isEmpty {
            members.append(.init("ips", .array(addresses.map { $0.json(version) })))
        }
        if !routes.isEmpty {
            members.append(.init("routes", .array(routes.map { $0.json(version) })))
        }
    }
}

extension NetworkResult.Interface {
    fileprivate func json(_ version: CNIVersion) -> JSON {
        var members: [JSON.Member] = [.init("name", .string(name))]
        members.append("mac", text: hardwareAddress)
        if version >= .v110 { members.append("mtu", number: mtu) }
        members.append("sandbox", text: sandbox)
        if version >= .v110 {
            members.append("socketPath", text: socketPath)
            members.append("pciID", text: deviceID)
        }
        return .object(members)
    }
}

extension NetworkResult.Address {
    fileprivate func json(_ version: CNIVersion) -> JSON {
        var members: [JSON.Member] = []
        if version.layout == .versionedList {
            members.append("version", text: String(prefix.address.version.rawValue))
        }
        if let interface { members.append(.init("interface", .integer(Int64(interface)))) }
        members.append("address", text: prefix)
        members.append("gateway", text: gateway)
        return .object(members)
    }
}

extension NetworkResult.Route {
    fileprivate func json(_ version: CNIVersion) -> JSON {
        var members: [JSON.Member] = [.init("dst", .string(destination.description))]
        members.append("gw", text: gateway)
        if version >= .v110 {
            members.append("mtu", number: mtu)
            members.append("advmss", number: advertisedSegmentSize)
            members.append("priority", number: priority)
            members.append("table", number: table)
            members.append("scope", number: scope)
        }
        return .object(members)
    }
}

extension NameService {
    /// The member `dns` of a result.
    package var json: JSON {
        var members: [JSON.Member] = []
        members.append("nameservers", texts: nameservers)
        members.append("domain", text: domain)
        members.append("search", texts: search)
        members.append("options", texts: options)
        return .object(members)
    }
}
