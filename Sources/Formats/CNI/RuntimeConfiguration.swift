package import Addresses
internal import JSON

/// What plugins are told about a pod if they declare the capability (CNI conventions, "dynamic plugin specific fields").
package struct RuntimeConfiguration: Sendable, Hashable {
    /// Ports of the host that lead to ports of the pod (`portMappings`).
    package var portMappings: [PortMapping] = []
    /// Addresses that the pod asks for, with or without prefix length (`ips`).
    package var addresses: [String] = []
    /// The hardware address that the pod asks for (`mac`).
    package var hardwareAddress: String?
    /// How much the pod may send and receive (`bandwidth`).
    package var bandwidth: Bandwidth?
    /// The name servers that the pod asks for (`dns`).
    package var nameService: NameService?
    /// The names by which other pods may know this one (`aliases`).
    package var aliases: [String] = []

    /// One port of the host that leads to one port of the pod.
    package struct PortMapping: Sendable, Hashable {
        /// The port of the host.
        package var hostPort: UInt16
        /// The port of the pod.
        package var containerPort: UInt16
        /// `tcp` or `udp`.
        package var `protocol`: String
        /// The address of the host it is limited to.
        package var hostAddress: IPAddress?

        /// Maps a port.
        package init(
            hostPort: UInt16,
            containerPort: UInt16,
            protocol: String,
            hostAddress: IPAddress? = nil
        ) {
            self.hostPort = hostPort
            self.containerPort = containerPort
            self.protocol = `protocol`
            self.hostAddress = hostAddress
        }
    }

    /// Rates in bits a second and bursts in bits, seen from the pod; zero is no limit.
    package struct Bandwidth: Sendable, Hashable {
        package var ingressRate: UInt64 = 0
        package var ingressBurst: UInt64 = 0
        package var egressRate: UInt64 = 0
        package var egressBurst: UInt64 = 0

        /// No limits.
        package init() {}
    }

    /// Tells nothing.
    package init() {}
}

extension RuntimeConfiguration {
    /// What a plugin with these capabilities is told.
    func members(for capabilities: Set<String>) -> [JSON.Member] {
        all.filter { capabilities.contains($0.name) }
    }

    /// The capabilities that a network must have so that everything is heeded.
    package var capabilities: [String] { all.map(\.name) }

    private var all: [JSON.Member] {
        var members: [JSON.Member] = []
        if !portMappings.isEmpty {
            members.append(.init("portMappings", .array(portMappings.map(\.json))))
        }
        members.append("ips", texts: addresses)
        members.append("mac", text: hardwareAddress)
        if let bandwidth { members.append(.init("bandwidth", bandwidth.json)) }
        if let nameService { members.append(.init("dns", nameService.capability)) }
        members.append("aliases", texts: aliases)
        return members
    }
}

extension RuntimeConfiguration.PortMapping {
    fileprivate var json: JSON {
        var members: [JSON.Member] = [
            .init("hostPort", .integer(Int64(hostPort))),
            .init("containerPort", .integer(Int64(containerPort))),
            .init("protocol", .string(`protocol`)),
        ]
        members.append("hostIP", text: hostAddress)
        return .object(members)
    }
}

extension RuntimeConfiguration.Bandwidth {
    fileprivate var json: JSON {
        let all = [
            ("ingressRate", ingressRate), ("ingressBurst", ingressBurst),
            ("egressRate", egressRate), ("egressBurst", egressBurst),
        ]
        return .object(
            all.filter { $0.1 > 0 }.map { JSON.Member($0.0, .integer(Int64(clamping: $0.1))) }
        )
    }
}

extension NameService {
    /// The capability's members are named unlike those of a result.
    fileprivate var capability: JSON {
        var members: [JSON.Member] = []
        members.append("servers", texts: nameservers)
        members.append("searches", texts: search)
        members.append("options", texts: options)
        return .object(members)
    }
}
