package import Addresses
package import CNI
package import JSON

/// A network of pods on a bridge of this host, as somebody would describe it by hand.
package struct NewNetwork: Equatable, Sendable {
    package let name: NetworkName
    /// The subnets, one of each version of IP at most; the first address of each is the host's, unless it is internal.
    package let subnets: [IPPrefix]
    /// Pods reach each other and nothing else.
    package let isInternal: Bool

    /// Describes a network.
    ///
    /// - Parameter catalog: the networks that there are; none may have addresses in common with the new one.
    package init(
        _ name: String,
        subnets: [IPPrefix],
        isInternal: Bool,
        beside catalog: NetworkCatalog
    ) throws(NewNetworkError) {
        guard let name = NetworkName(name), !Self.special.contains(name.text) else {
            throw .name(name)
        }
        if let file = catalog[name.text]?.file { throw .exists(name.text, path: file.path) }
        for subnet in subnets {
            guard subnet.network == subnet else { throw .notNetwork(subnet) }
            // Two addresses are the network's own, one is the host's.
            guard subnet.address.version.bits - subnet.length >= 2 else { throw .tooSmall(subnet) }
            guard Self.isForHosts(subnet) else { throw .unusable(subnet) }
            for entry in catalog.entries where entry.name != name.text {
                guard let other = entry.subnets.first(where: subnet.overlaps) else { continue }
                throw .overlap(subnet, network: entry.name, other)
            }
        }
        self.name = name
        self.subnets = subnets
        self.isInternal = isInternal
    }

    private static let special = ["all", "host", "none"]

    /// Whether hosts can have addresses of a subnet.
    private static func isForHosts(_ subnet: IPPrefix) -> Bool {
        let unusable = ["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/128", "::1/128", "ff00::/8"]
        return subnet.length > 0
            && !unusable.compactMap { IPPrefix($0) }.contains(where: subnet.overlaps)
    }

    /// A subnet of version 6 that nobody else has: random local addresses (RFC 4193).
    ///
    /// - Parameter random: five random bytes.
    package static func localSubnet(random: [UInt8]) -> IPPrefix? {
        let bytes = [0xFD] + random.prefix(5) + repeatElement(0, count: 10)
        return IPAddress(bytes: bytes).flatMap { IPPrefix($0, length: 64) }
    }

    /// The name of its file.
    package var fileName: String { "\(name).conflist" }

    /// The name of its bridge.
    package var bridge: String { Self.bridge(of: name) }

    /// The name of a network's bridge, which has room for 15 characters.
    package static func bridge(of name: NetworkName) -> String {
        let prefix = "rkt-"
        if prefix.utf8.count + name.text.utf8.count <= 15 { return prefix + name.text }
        // FNV-1a: the beginning of long names is often the same.
        let hash = name.text.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return prefix + (String(repeating: "0", count: 16 - digits.count) + digits).prefix(11)
    }

    /// Its description: a bridge, and for a network that leads out, ports and a firewall's leave.
    package var document: JSON {
        [
            "cniVersion": .string(CNIVersion.v100.rawValue),
            "name": .string(name.text),
            "plugins": .array(isInternal ? [bridgePlugin] : [bridgePlugin] + Self.leadingOut),
        ]
    }

    private static let leadingOut: [JSON] = [
        ["type": "portmap", "capabilities": ["portMappings": true]],
        ["type": "firewall"],
    ]

    private var bridgePlugin: JSON {
        let reach: [JSON.Member] =
            isInternal
            ? []
            : [.init("isGateway", true), .init("ipMasq", true), .init("hairpinMode", true)]
        return .object(
            [.init("type", "bridge"), .init("bridge", .string(bridge))] + reach + [
                .init("capabilities", ["ips": true, "mac": true]), .init("ipam", addresses),
            ]
        )
    }

    private var addresses: JSON {
        let ranges = subnets.map { JSON.array([["subnet": .string($0.description)]]) }
        let routes: [JSON] = subnets.map {
            ["dst": .string($0.address.version == .four ? "0.0.0.0/0" : "::/0")]
        }
        return .object(
            [.init("type", "host-local"), .init("ranges", .array(ranges))]
                + (isInternal ? [] : [.init("routes", .array(routes))])
        )
    }
}
