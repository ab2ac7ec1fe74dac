internal import Linux
internal import Netlink

/// Rules of others on the host that keep packets from pods, or from their ports.
///
/// With no rules but rkt's own this is one question to the kernel.
package struct HostFirewall: ~Copyable {
    private let rules: HostRules
    private let chains: [FoundChain]

    /// The rules of the host that this process is on.
    package init() throws(NetworkError) {
        (rules, chains) = try kernel { () throws(NetlinkError) in
            var socket = try NetlinkSocket(.filter)
            let chains = try socket.list(.chains).compactMap(FoundChain.init)
                .filter { $0.table != HostTable.name }
            return (HostRules(socket), chains)
        }
    }

    /// The chains that are in the way of a network's pods.
    package func obstacles(
        to interfaces: PodInterfaces,
        _ ways: [FirewallWay],
        on host: NetworkHost
    ) throws(NetworkError) -> [FirewallObstacle] {
        var obstacles: [FirewallObstacle] = []
        for chain in chains where chain.family != .six || host.hasVersion6 {
            let owner = FirewallOwner(of: chain, among: chains)
            let blocked = try kernel { () throws(NetlinkError) in
                var blocked: [FirewallWay] = []
                for way in ways where way.hook == chain.hook {
                    if way == .outside, interfaces.hasOwnRules, owner != .nft { continue }
                    var walk = ChainWalk(way.side, interfaces.bytes, rules)
                    if try !walk.accepts(chain) { blocked.append(way) }
                }
                return blocked
            }
            if blocked.isEmpty { continue }
            obstacles.append(
                FirewallObstacle(
                    chain: chain,
                    ways: blocked,
                    owner: owner,
                    interfaces: interfaces
                )
            )
        }
        return obstacles
    }

    /// The tables of version 4 that programs made through the interface that nf_tables has replaced; what is in them isn't looked at.
    package static var legacyTables: [String] {
        let text = (try? readHostFile("/proc/net/ip_tables_names", limit: 4096)) ?? []
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// The rules of the host, each asked for once.
private final class HostRules: RuleSource {
    private var socket: NetlinkSocket
    private var known: [FoundChain: [FoundRule]] = [:]

    init(_ socket: consuming NetlinkSocket) { self.socket = socket }

    func rules(of chain: FoundChain) throws(NetlinkError) -> [FoundRule] {
        if let rules = known[chain] { return rules }
        let rules = try list(.rules(of: chain)).compactMap(FoundRule.init)
        known[chain] = rules
        return rules
    }

    func names(inSet set: String, of chain: FoundChain) throws(NetlinkError) -> [[UInt8]] {
        try list(.elements(ofSet: set, of: chain)).flatMap(FilterElement.keys)
    }

    /// What has just been removed lists nothing.
    private func list(_ message: NetlinkMessage) throws(NetlinkError) -> [NetlinkReply] {
        do throws(NetlinkError) {
            return try socket.list(message)
        } catch {
            guard error.error == .noSuchFile else { throw error }
            return []
        }
    }
}
