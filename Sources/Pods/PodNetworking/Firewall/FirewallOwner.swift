internal import Netlink

/// The program whose rules a chain has, and how that is told to accept something.
package enum FirewallOwner: String, Sendable {
    case firewalld
    case ufw
    /// Docker's chain for the administrator's own rules comes first.
    case docker
    case iptables
    /// Somebody who speaks to nf_tables.
    case nft

    /// The owner of a base chain.
    init(of chain: FoundChain, among chains: [FoundChain]) {
        func has(_ beginning: String) -> Bool {
            chains.contains {
                $0.family == chain.family && $0.table == chain.table && $0.name.hasPrefix(beginning)
            }
        }
        // The names that iptables gives to what it makes with nf_tables.
        let isIPTables =
            chain.family != .both && chain.table == "filter"
            && ["INPUT", "FORWARD"].contains(chain.name)
        self =
            switch true {
            case chain.family == .both && chain.table == "firewalld": .firewalld
            case isIPTables && has("ufw"): .ufw
            case isIPTables && chain.hook == .forward && has("DOCKER-USER"): .docker
            case isIPTables: .iptables
            default: .nft
            }
    }

    /// Commands for a person to run.
    func commands(_ way: FirewallWay, _ chain: FoundChain, _ interfaces: PodInterfaces) -> [String]
    {
        switch self {
        case .firewalld:
            [
                "firewall-cmd --permanent --zone=trusted --add-interface=\(interfaces.iptables)",
                "firewall-cmd --reload",
            ]
        case .ufw:
            switch way {
            case .outside: ["ufw route allow in on \(interfaces.iptables)"]
            case .ports: ["ufw route allow out on \(interfaces.iptables)"]
            case .host: ["ufw allow in on \(interfaces.iptables)"]
            }
        case .docker: iptables("DOCKER-USER", way, chain, interfaces)
        case .iptables: iptables(chain.name, way, chain, interfaces)
        case .nft: nft(way, chain, interfaces)
        }
    }

    private func iptables(
        _ name: String,
        _ way: FirewallWay,
        _ chain: FoundChain,
        _ interfaces: PodInterfaces
    ) -> [String] {
        let insert = "\(chain.family == .six ? "ip6tables" : "iptables") -I \(name)"
        let states = "-m conntrack --ctstate"
        let answers = "\(insert) -o \(interfaces.iptables) \(states) RELATED,ESTABLISHED -j ACCEPT"
        let sent = "\(insert) -i \(interfaces.iptables) -j ACCEPT"
        return switch way {
        case .outside: [sent, answers]
        case .ports: ["\(insert) -o \(interfaces.iptables) \(states) DNAT -j ACCEPT"]
        case .host: [sent]
        }
    }

    private func nft(
        _ way: FirewallWay,
        _ chain: FoundChain,
        _ interfaces: PodInterfaces
    ) -> [String] {
        let place = "\(chain.nftFamily) \(chain.table) \(chain.name)"
        let insert = "nft insert rule \(place)"
        let (input, output) = ("iifname \(interfaces.nft)", "oifname \(interfaces.nft)")
        let answers = "\(insert) \(output) ct state established,related accept"
        return switch way {
        case .outside: ["\(insert) \(input) accept", answers]
        case .ports: ["\(insert) \(output) ct status dnat accept"]
        case .host: ["\(insert) \(input) accept"]
        }
    }
}

extension FoundChain {
    /// The family as nft(8) calls it.
    var nftFamily: String {
        switch family {
        case .both: "inet"
        case .four: "ip"
        case .six: "ip6"
        }
    }
}
