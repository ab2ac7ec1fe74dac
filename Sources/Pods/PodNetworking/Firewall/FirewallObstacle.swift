internal import Netlink

/// Where packets of pods and their ports go on the host.
package enum FirewallWay: String, CaseIterable, Sendable {
    /// From a pod to somewhere else.
    case outside
    /// From somewhere else to a port that leads to a pod.
    case ports
    /// From a pod to the host itself.
    case host

    var hook: FilterHook { self == .host ? .input : .forward }

    /// Where the pod is.
    var side: FoundRule.Side { self == .ports ? .output : .input }

    fileprivate var description: String {
        switch self {
        case .outside: "the pod from the outside"
        case .ports: "the outside from the pod's ports"
        case .host: "the pod from the host"
        }
    }
}

/// A chain of somebody else's rules that is in the way of pods.
package struct FirewallObstacle: Equatable, Sendable {
    let chain: FoundChain
    /// What it is in the way of.
    package let ways: [FirewallWay]
    package let owner: FirewallOwner
    let interfaces: PodInterfaces

    /// The chain by family, table and name, as nft(8) calls them.
    package var place: (family: String, table: String, chain: String) {
        (chain.nftFamily, chain.table, chain.name)
    }

    /// The chain as nft(8) calls it.
    package var name: String { "\(place.family) \(place.table) \(place.chain)" }

    /// What makes the owner of the rules let the packets pass.
    package var commands: [String] {
        ways.flatMap { owner.commands($0, chain, interfaces) }.removingRepetitions
    }
}

extension [FirewallObstacle] {
    /// What a person who starts a pod should know; nil without obstacles.
    package var warning: String? {
        guard !isEmpty else { return nil }
        let ways = FirewallWay.allCases.filter { way in contains { $0.ways.contains(way) } }
        let names = map(\.name).removingRepetitions.joined(separator: ", ")
        let commands = flatMap(\.commands).removingRepetitions.map { "\n  \($0)" }.joined()
        return "other rules of this host (\(names)) keep "
            + ways.map(\.description).joined(separator: ", and ") + "; to have them accepted:"
            + commands
    }
}

extension [String] {
    /// Each text once, where it stands first.
    fileprivate var removingRepetitions: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
