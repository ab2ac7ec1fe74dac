/// The host's interfaces that lead to the pods of a network, as rules name them, and what they are there for.
package struct PodInterfaces: Equatable, Sendable {
    /// The name, or how all of their names begin.
    let name: String
    let isBeginning: Bool
    /// A plugin lets out what the pods send, where iptables and firewalld are to accept it.
    let hasOwnRules: Bool
    /// All ways of packets that a firewall can be in.
    package let ways: [FirewallWay]

    /// The interfaces of a network; nil if they aren't known before it is there, or lead nowhere else.
    package init?(of entry: NetworkCatalog.Entry) {
        if let network = entry.builtIn {
            name = WireNames.prefix(of: network)
            isBeginning = true
            hasOwnRules = false
            ways = network.reach == .everywhere ? FirewallWay.allCases : [.host]
            return
        }
        guard let bridge = entry.file?.configuration.bridges.first, entry.isMasqueraded else {
            return nil
        }
        name = bridge
        isBeginning = false
        hasOwnRules = entry.plugins.contains("firewall")
        ways = [.outside, .ports]
    }

    /// What a pod's start is checked for.
    ///
    /// That pods of `default` don't reach the host itself may be just what is wanted, so nobody is told.
    func waysToCheck(hasPorts: Bool) -> [FirewallWay] {
        ways.filter { way in
            switch way {
            case .outside: true
            case .ports: hasPorts
            case .host: ways == [.host]
            }
        }
    }

    /// The name as packets have it: a whole one is filled up with zeros to the size of IFNAMSIZ.
    var bytes: [UInt8] {
        let name = Array(name.utf8)
        return isBeginning ? name : name + repeatElement(0, count: max(0, 16 - name.count))
    }

    /// The name as nft(8) takes it.
    var nft: String { isBeginning ? "\"\(name)*\"" : "\"\(name)\"" }

    /// The name as iptables, ufw and firewalld take it.
    var iptables: String { isBeginning ? "\(name)+" : name }
}
