internal import Netlink

/// What the walk through a chain asks for.
protocol RuleSource {
    func rules(of chain: FoundChain) throws(NetlinkError) -> [FoundRule]
    /// The names of interfaces in a set.
    func names(inSet set: String, of chain: FoundChain) throws(NetlinkError) -> [[UInt8]]
}

/// The way of packets that begin a connection through a chain of somebody else's.
///
/// Packets are only known by an interface of a pod's, at one side. A rule that says nothing of it and asks for something else
/// may let some of them pass, and doesn't count; one that names the interface was written for pods, and counts as it is.
struct ChainWalk<Source: RuleSource> {
    /// The side of the pod.
    let side: FoundRule.Side
    /// What the name of the pod's interface on the host is, or begins with.
    let name: [UInt8]
    let source: Source

    /// How many chains are looked at before it is too many to tell.
    private var chainsLeft = 200

    init(_ side: FoundRule.Side, _ name: [UInt8], _ source: Source) {
        self.side = side
        self.name = name
        self.source = source
    }

    /// How a rule takes packets that may be ours.
    private struct Fit {
        /// It is meant for them.
        var isOurs = false
        /// It is for all of them.
        var isCertain = true
    }

    /// Whether a base chain lets the packets pass; also if that can't be told.
    mutating func accepts(_ chain: FoundChain) throws(NetlinkError) -> Bool {
        try walk(chain, Fit()) ?? !chain.dropsTheRest
    }

    /// Whether a chain accepts or refuses packets that got there; nil if it does neither.
    private mutating func walk(_ chain: FoundChain, _ way: Fit) throws(NetlinkError) -> Bool? {
        chainsLeft -= 1
        guard chainsLeft >= 0 else { return true }
        var way = way
        for rule in try source.rules(of: chain) {
            guard let verdict = rule.verdict, var fit = try fit(rule, chain) else { continue }
            fit.isOurs = fit.isOurs || way.isOurs
            fit.isCertain = fit.isCertain && way.isCertain
            switch verdict {
            case .accept: if fit.isOurs || fit.isCertain { return true }
            case .refuse: if fit.isCertain { return false }
            case .mapped: if fit.isOurs { return true }
            case .back:
                if fit.isCertain { return nil }
                // Some may be elsewhere by now.
                way.isCertain = false
            case .jump(let name):
                if let end = try walk(chain.sibling(name), fit) { return end }
            case .proceed(let name):
                let end = try walk(chain.sibling(name), fit)
                if end != nil || fit.isCertain { return end }
            }
        }
        return nil
    }

    /// Nil for a rule that the packets don't fulfil.
    private func fit(_ rule: FoundRule, _ chain: FoundChain) throws(NetlinkError) -> Fit? {
        var fit = Fit()
        for condition in rule.conditions {
            switch condition {
            case .named(let side, let wanted, let isWanted):
                guard side == self.side else {
                    // From one pod to another isn't the way.
                    if isWanted, name.starts(with: wanted) { return nil }
                    fit.isCertain = false
                    continue
                }
                guard name.starts(with: wanted) == isWanted else { return nil }
                if isWanted { fit.isOurs = true }
            case .listed(let side, let set, let isWanted):
                guard side == self.side else {
                    fit.isCertain = false
                    continue
                }
                let isListed = try source.names(inSet: set, of: chain).contains(where: isOurs)
                guard isListed == isWanted else { return nil }
                if isWanted { fit.isOurs = true }
            case .isRedirected:
                // From outside only what is led to a port gets to a pod.
                guard side == .output else { return nil }
                fit.isOurs = true
            case .isUnderway: return nil
            case .other: fit.isCertain = false
            }
        }
        return fit
    }

    /// In sets names are filled up with zeros, also those of which only the beginning counts.
    private func isOurs(_ listed: [UInt8]) -> Bool {
        let beginning = listed.prefix(16).prefix { $0 != 0 }
        return !beginning.isEmpty && name.starts(with: beginning)
    }
}
