internal import Addresses
package import Netlink

/// rkt's own table of rules on the host, the same for all pods: who may send what, and who looks like the host outside.
///
/// It is made by the first pod on a network and goes with the last one. Nothing in it is about a single pod but the
/// elements of the port maps, so it costs nothing more with 2,000 pods. Other tables are never touched.
package struct HostTable {
    /// The table's name, in the family `inet`.
    package static let name = "rkt"

    private let prefix: LocalPrefix

    /// The table of a machine with a prefix of its own.
    package init(_ prefix: LocalPrefix) { self.prefix = prefix }

    /// What makes the table; that it is there already is an error (`EEXIST`) of the first message.
    package var creation: [NetlinkMessage] {
        [.addTable(Self.name)]
            + PortMap.all.enumerated().map { index, map in
                .add(map.filterMap, id: UInt32(index + 1), table: Self.name)
            }
            + chains.flatMap { chain, rules in
                [.add(chain, table: Self.name)]
                    + rules.map { .add($0, chain: chain.name, table: Self.name) }
            }
    }

    /// What removes the table.
    package static var removal: [NetlinkMessage] { [.removeTable(name)] }

    /// The chains, with their rules, in the order of a packet's way.
    ///
    /// The priorities are those that nft(8) calls raw, dstnat, filter and srcnat.
    private var chains: [(BaseChain, [[FilterExpression]])] {
        [
            (BaseChain("guard", .filter, .prerouting, priority: -300), guarding),
            (BaseChain("ports", .nat, .prerouting, priority: -100), PortMap.rules),
            (BaseChain("local-ports", .nat, .output, priority: -100), PortMap.rules),
            (BaseChain("restrict", .filter, .forward, priority: 0), restricting),
            // Not "masquerade": nft(8) couldn't read again what it prints.
            (BaseChain("leaving", .nat, .postrouting, priority: 100), masquerading),
        ]
    }

    // MARK: From pods

    /// What comes from a pod must come from its address, and a pod is no router.
    private var guarding: [[FilterExpression]] {
        [
            // What follows is about pods only.
            [.load(.inputName, Self.first), .different(Self.first, Self.text(WireNames.prefix))]
                + [.verdict(.accept)],
            // Router advertisements and redirects: 134 and 137, 5 (CVE-2020-10749, CVE-2020-13401).
            Self.isSix + Self.control(58, 134) + [.verdict(.drop)],
            Self.isSix + Self.control(58, 137) + [.verdict(.drop)],
            Self.isFour + Self.control(1, 5) + [.verdict(.drop)],
            // Wires of pods with ports route loopback addresses, for what the host sends: nobody else's servers are to be
            // reached by them (CVE-2020-8558). Of version 6 the kernel drops such packets itself.
            Self.isFour
                + [
                    Self.destination4, .mask(Self.first, Self.loopback4.mask.bytes),
                    .equal(Self.first, Self.loopback4.network.address.bytes), .verdict(.drop),
                ],
            // The only way back to a pod's address is its own wire, so any other address is somebody else's.
            [.loadWayBack(Self.first), .equal(Self.first, [0, 0, 0, 0]), .verdict(.drop)],
        ] + restrictedToHost
    }

    /// Pods that only talk to the host reach its address in their network and no other.
    private var restrictedToHost: [[FilterExpression]] {
        let network = BuiltInNetwork.restricted
        let gateway6 = prefix.address(beside: network.gateway, in: network)
        let fromPod = Self.named(.inputName, WireNames.prefix(of: network))
        return [
            fromPod + Self.isFour
                + [
                    Self.destination4, .different(Self.first, network.gateway.bytes),
                    .verdict(.drop),
                ],
            fromPod + Self.isSix
                + [Self.destination6, .different(Self.first, gateway6.bytes), .verdict(.drop)],
        ]
    }

    private var restricting: [[FilterExpression]] {
        let prefix = WireNames.prefix(of: .restricted)
        return [Self.named(.outputName, prefix) + [.verdict(.drop)]]
    }

    // MARK: To the outside

    private var masquerading: [[FilterExpression]] {
        let network = BuiltInNetwork.default
        let six = prefix.prefix(of: network)
        let toPod = Self.named(.outputName, WireNames.prefix)
        let outside: [FilterExpression] = [
            .load(.outputName, Self.first),
            .different(Self.first, Self.text(WireNames.prefix)), .masquerade,
        ]
        let loopback4 = Self.source4(in: Self.loopback4)
        let pods4 = Self.source4(in: network.subnet)
        let pods6 = Self.source6(in: six)
        let loopback6 = Self.source6(in: IPPrefix(only: Self.loopback6))
        return [
            // What a pod sends out comes from the host, as far as others can see.
            Self.isFour + pods4 + outside,
            Self.isSix + pods6 + outside,
            // Who reached a pod by a port of the host must get the answer from there: a pod that went by the host itself
            // would be answered directly, and loopback addresses mean nothing outside.
            toPod + Self.isRedirected + Self.isFour + pods4 + [.masquerade],
            toPod + Self.isRedirected + Self.isSix + pods6 + [.masquerade],
            toPod + Self.isRedirected + Self.isFour + loopback4 + [.masquerade],
            toPod + Self.isRedirected + Self.isSix + loopback6 + [.masquerade],
        ]
    }

    // MARK: Conditions

    static let first = FilterRegister(0)

    private static let loopback4: IPPrefix = {
        guard let prefix = IPPrefix("127.0.0.0/8") else { fatalError("no prefix") }
        return prefix
    }()
    private static let loopback6: IPAddress = {
        guard let address = IPAddress(.six, 1) else { fatalError("no address") }
        return address
    }()

    static func text(_ name: String) -> [UInt8] { Array(name.utf8) }

    /// The interface's name begins like this.
    static func named(_ fact: FilterExpression.Fact, _ prefix: String) -> [FilterExpression] {
        [.load(fact, first), .equal(first, text(prefix))]
    }

    static let isFour: [FilterExpression] = [.load(.family, first), .equal(first, [2])]
    static let isSix: [FilterExpression] = [.load(.family, first), .equal(first, [10])]
    private static let destination4 = FilterExpression.loadBytes(
        .network,
        offset: 16,
        length: 4,
        first
    )
    private static let destination6 = FilterExpression.loadBytes(
        .network,
        offset: 24,
        length: 16,
        first
    )

    private static func source4(in prefix: IPPrefix) -> [FilterExpression] {
        [
            .loadBytes(.network, offset: 12, length: 4, first), .mask(first, prefix.mask.bytes),
            .equal(first, prefix.network.address.bytes),
        ]
    }

    private static func source6(in prefix: IPPrefix) -> [FilterExpression] {
        [
            .loadBytes(.network, offset: 8, length: 16, first), .mask(first, prefix.mask.bytes),
            .equal(first, prefix.network.address.bytes),
        ]
    }

    /// The connection goes where it wasn't sent (IPS_DST_NAT, a bit of a number of the machine's).
    private static let isRedirected: [FilterExpression] = [
        .loadStatus(first), .mask(first, [0x20, 0, 0, 0]), .different(first, [0, 0, 0, 0]),
    ]

    /// ICMP (1) or ICMPv6 (58) of a type.
    private static func control(_ transport: UInt8, _ type: UInt8) -> [FilterExpression] {
        [
            .load(.transport, first), .equal(first, [transport]),
            .loadBytes(.transport, offset: 0, length: 1, first), .equal(first, [type]),
        ]
    }
}
