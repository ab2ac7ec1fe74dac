package import Addresses
package import AppContainer
package import CNI

/// Ports of the host in a row that lead to as many ports of the pod.
package struct PortForward: Equatable, Sendable {
    package let `protocol`: PortProtocol
    /// The address of the host; nil is all of them.
    package let hostAddress: IPAddress?
    /// The first port of the host.
    package let hostPort: UInt16
    /// The first port of the pod.
    package let podPort: UInt16
    /// How many ports; the last one of both is at most 65535.
    package let count: UInt16

    /// The ports of the host.
    package var hostPorts: ClosedRange<UInt16> { hostPort...(hostPort + (count - 1)) }

    /// The ports as plugins are told them.
    package var mappings: [RuntimeConfiguration.PortMapping] {
        (0..<count).map { offset in
            RuntimeConfiguration.PortMapping(
                hostPort: hostPort + offset,
                containerPort: podPort + offset,
                protocol: `protocol`.rawValue,
                hostAddress: hostAddress
            )
        }
    }

    /// Whether a packet could be meant for both.
    func conflicts(with other: PortForward) -> Bool {
        guard `protocol` == other.protocol, hostPorts.overlaps(other.hostPorts) else {
            return false
        }
        guard let one = hostAddress, let two = other.hostAddress else { return true }
        if one.version != two.version { return false }
        return one == two || one.isUnspecified || two.isUnspecified
    }

    /// The first port that both have, with the address that says which.
    fileprivate func name(of port: UInt16) -> String {
        let address = hostAddress.map { $0.version == .six ? "[\($0)]" : "\($0)" } ?? "0.0.0.0"
        return "\(`protocol`.rawValue)-\(address):\(port)"
    }
}

extension PodManifest {
    /// Where the ports of the manifest lead.
    ///
    /// A name must be that of one app's port, and no port of the host may lead to two places.
    package func forwards() throws(NetworkFlagError) -> [PortForward] {
        var forwards: [PortForward] = []
        for port in ports {
            let forward = try self.forward(port)
            if let other = forwards.first(where: forward.conflicts(with:)) {
                let first = max(forward.hostPort, other.hostPort)
                throw .conflict(
                    forward.name(of: first),
                    pod: other.podPort + (first - other.hostPort)
                )
            }
            forwards.append(forward)
        }
        return forwards
    }

    private func forward(_ port: ExposedPort) throws(NetworkFlagError) -> PortForward {
        let target = if let port = port.podPort { port } else { try imagePort(port.name) }
        guard let kind = PortProtocol(rawValue: target.protocol) else {
            throw .port(port.name.text, reason: "the protocol is neither tcp nor udp")
        }
        let count = max(target.count, 1)
        guard port.hostPort > 0, target.number > 0,
            Int(max(port.hostPort, target.number)) + Int(count) - 1 <= Int(UInt16.max)
        else {
            throw .port(port.name.text, reason: "the ports lie between 1 and 65535")
        }
        return PortForward(
            protocol: kind,
            hostAddress: try hostAddress(of: port),
            hostPort: port.hostPort,
            podPort: target.number,
            count: count
        )
    }

    private func hostAddress(of port: ExposedPort) throws(NetworkFlagError) -> IPAddress? {
        guard let text = port.hostIP else { return nil }
        guard let address = IPAddress(text) else {
            throw .port(port.name.text, reason: "the host's address is none")
        }
        return address
    }

    private func imagePort(_ name: ACName) throws(NetworkFlagError) -> Port {
        let ports = apps.flatMap { $0.app?.ports.filter { $0.name == name } ?? [] }
        guard let port = ports.first else { throw .unknownPort(name.text) }
        guard ports.count == 1 else { throw .ambiguousPort(name.text) }
        return port
    }
}
