internal import Addresses
internal import Netlink

/// A map of the host's table from ports of the host to ports of pods.
enum PortMap: CaseIterable {
    /// A port of one address of the host's.
    case four, six
    /// A port of all addresses of the host's.
    case anyFour, anySix

    static let all = allCases

    /// Also the maps' places in a transaction.
    private var id: UInt32 {
        switch self {
        case .four: 1
        case .six: 2
        case .anyFour: 3
        case .anySix: 4
        }
    }

    var name: String {
        switch self {
        case .four: "ports4"
        case .six: "ports6"
        case .anyFour: "any-ports4"
        case .anySix: "any-ports6"
        }
    }

    private var isSix: Bool { self == .six || self == .anySix }
    private var hasAddress: Bool { self == .four || self == .six }
    private var address: FilterField { isSix ? .address6 : .address4 }

    var filterMap: FilterMap {
        FilterMap(
            name,
            key: [.transport] + (hasAddress ? [address] : []) + [.port],
            value: [address, .port]
        )
    }

    /// The rules that send packets to a port of this host's on to a pod.
    ///
    /// Only what is addressed to the host: a port of somebody else is none of ours (GHSA-jv3w-x3r3-g6rm).
    static var rules: [[FilterExpression]] { all.map(\.rule) }

    private var rule: [FilterExpression] {
        let first = HostTable.first
        let words: UInt32 = isSix ? 4 : 1
        let destination = FilterExpression.loadBytes(
            .network,
            offset: isSix ? 24 : 16,
            length: 4 * words,
            FilterRegister(1)
        )
        let port = FilterRegister(hasAddress ? 1 + words : 1)
        return (isSix ? HostTable.isSix : HostTable.isFour) + [
            .loadDestinationKind(first), .equal(first, [2, 0, 0, 0]), .load(.transport, first),
        ]
            + (hasAddress ? [destination] : []) + [
                .loadBytes(.transport, offset: 2, length: 2, port),
                .lookUp(first, map: name, id: id, first),
                .rewrite(
                    .destination,
                    family: isSix ? 10 : 2,
                    address: first,
                    port: FilterRegister(words)
                ),
            ]
    }
}
