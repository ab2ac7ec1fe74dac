/// Reads the expressions of a rule one after the other, keeping in mind what lies in which register.
///
/// The numbers are those of `<linux/netfilter/nf_tables.h>`. An expression that isn't known is taken for a condition.
struct RuleReader {
    /// What lies in a register.
    private enum Content {
        case name(FoundRule.Side)
        case status
        case state
        /// Not zero only for connections that were redirected.
        case redirection
        /// Not zero only for connections that aren't new.
        case progress
        case other
    }

    private(set) var conditions: [FoundRule.Condition] = []
    private(set) var verdict: FoundRule.Verdict?
    private var registers: [UInt32: Content] = [:]

    /// What neither asks nor decides anything.
    private static let silent: Set<String> = ["counter", "log", "notrack", "dup", "objref", "last"]

    mutating func read(_ name: String, _ data: NetlinkAttributes) {
        switch name {
        case "meta": load(data.big(1), Self.fact(data.big(2)))
        case "ct": load(data.big(1), Self.connection(data.big(2)))
        case "payload", "exthdr", "rt", "fib", "socket", "numgen", "hash", "osf", "xfrm", "tunnel":
            load(data.big(1), .other)
        case "bitwise", "byteorder": change(data)
        case "cmp": compare(data)
        case "lookup": lookUp(data)
        case "immediate": decide(data)
        case "reject": verdict = .refuse
        case "match": conditions += Self.match(data)
        case _ where Self.silent.contains(name): break
        default: conditions.append(.other)
        }
    }

    private mutating func load(_ register: UInt32?, _ content: Content) {
        if let register { registers[register] = content }
    }

    /// NFT_META_IIFNAME and NFT_META_OIFNAME.
    private static func fact(_ key: UInt32?) -> Content {
        switch key {
        case FilterExpression.Fact.inputName.rawValue: .name(.input)
        case FilterExpression.Fact.outputName.rawValue: .name(.output)
        default: .other
        }
    }

    /// NFT_CT_STATE and NFT_CT_STATUS.
    private static func connection(_ key: UInt32?) -> Content {
        switch key {
        case 0: .state
        case 2: .status
        default: .other
        }
    }

    /// Masks; what they leave of anything but a connection's state isn't known.
    private mutating func change(_ data: NetlinkAttributes) {
        guard let source = data.big(1), let target = data.big(2) else { return }
        let mask = data.nested(4)?.number(1, UInt32.self) ?? 0
        registers[target] =
            switch registers[source] {
            // IPS_DST_NAT
            case .status where mask == 0x20: .redirection
            // NF_CT_STATE_BIT(IP_CT_NEW), NF_CT_STATE_UNTRACKED_BIT
            case .state where mask & (0x08 | 0x40) == 0: .progress
            default: .other
            }
    }

    private mutating func compare(_ data: NetlinkAttributes) {
        let (isEqual, isDifferent) = (data.big(2) == 0, data.big(2) == 1)
        let value = data.nested(3)?[1].map(Array.init) ?? []
        switch data.big(1).flatMap({ registers[$0] }) {
        case .name(let side) where isEqual || isDifferent:
            conditions.append(.named(side, value, isWanted: isEqual))
        case .redirection where isDifferent && value == [0, 0, 0, 0]:
            conditions.append(.isRedirected)
        case .progress where isDifferent && value == [0, 0, 0, 0]: conditions.append(.isUnderway)
        default: conditions.append(.other)
        }
    }

    private mutating func lookUp(_ data: NetlinkAttributes) {
        // The register of verdicts.
        if data.big(3) == 0 { verdict = .mapped } else { load(data.big(3), .other) }
        guard case .name(let side)? = data.big(2).flatMap({ registers[$0] }),
            let set = data.text(1)
        else { return conditions.append(.other) }
        // NFT_LOOKUP_F_INV
        conditions.append(.listed(side, set: set, isWanted: (data.big(5) ?? 0) & 1 == 0))
    }

    private mutating func decide(_ data: NetlinkAttributes) {
        guard data.big(1) == 0, let value = data.nested(2)?.nested(2), let code = value.big(1)
        else { return load(data.big(1), .other) }
        verdict =
            switch (Int32(bitPattern: code), value.text(2)) {
            case (0, _): .refuse
            case (1, _): .accept
            case (-3, let chain?): .jump(chain)
            case (-4, let chain?): .proceed(chain)
            case (-5, _): .back
            default: nil
            }
    }

    /// A condition of iptables that has no words of nf_tables'.
    private static func match(_ data: NetlinkAttributes) -> [FoundRule.Condition] {
        switch data.text(1) {
        case "comment": return []
        case "conntrack" where data.big(2) == 3:
            // `struct xt_conntrack_mtinfo3`: behind 146 bytes which fields count, which are meant the other way round, and the
            // states; XT_CONNTRACK_STATE is 1, new connections are 8 and redirected ones 0x80.
            guard let info = data[3], info.count >= 152, info.number(at: 146, UInt16.self) == 1,
                info.number(at: 148, UInt16.self) == 0
            else { return [.other] }
            let states = info.number(at: 150, UInt16.self)
            if states == 0x80 { return [.isRedirected] }
            return states & (0x08 | 0x80) == 0 ? [.isUnderway] : [.other]
        default: return [.other]
        }
    }
}

extension NetlinkAttributes {
    /// A number in the network's order.
    fileprivate func big(_ type: UInt16) -> UInt32? { number(type, UInt32.self)?.byteSwapped }
}
