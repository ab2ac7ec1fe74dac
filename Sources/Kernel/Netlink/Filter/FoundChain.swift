/// A chain of anybody's rules, as the kernel tells about it.
package struct FoundChain: Hashable, Sendable {
    /// Which packets a table sees, of those that go by version of IP.
    package enum Family: UInt8, Sendable {
        case both = 1
        case four = 2
        case six = 10
    }

    package let family: Family
    package let table: String
    package let name: String
    /// Where packets meet it; nil for a chain that only rules lead to.
    package let hook: FilterHook?
    /// What no rule says anything about is dropped.
    package let dropsTheRest: Bool

    /// A chain of a table.
    package init(
        _ family: Family,
        table: String,
        _ name: String,
        hook: FilterHook? = nil,
        dropsTheRest: Bool = false
    ) {
        self.family = family
        self.table = table
        self.name = name
        self.hook = hook
        self.dropsTheRest = dropsTheRest
    }

    /// Reads an answer to ``NetlinkMessage/chains``; nil for a chain of another family.
    package init?(_ reply: NetlinkReply) {
        let attributes = reply.attributes(behind: FilterMessage.fixed)
        guard reply.type == FilterMessage.Kind.newChain.type,
            let family = reply.payload.first.flatMap(Family.init),
            let table = attributes.text(1), let name = attributes.text(3)
        else { return nil }
        let hook = attributes.nested(4)?.number(1, UInt32.self)
        self.init(
            family,
            table: table,
            name,
            hook: hook.flatMap { FilterHook(rawValue: $0.byteSwapped) },
            // NFTA_CHAIN_POLICY: NF_DROP is zero.
            dropsTheRest: attributes.number(5, UInt32.self) == 0
        )
    }

    /// Another chain of the same table, one that rules lead to.
    package func sibling(_ name: String) -> FoundChain { FoundChain(family, table: table, name) }
}

extension NetlinkMessage {
    /// Asks for the chains of all tables.
    package static var chains: NetlinkMessage {
        NetlinkMessage("list chains", .getChain, family: 0, .dump)
    }

    /// Asks for the rules of a chain.
    package static func rules(of chain: FoundChain) -> NetlinkMessage {
        var message = NetlinkMessage(
            "list the rules of the chain \"\(chain.name)\"",
            .getRule,
            family: chain.family.rawValue,
            .dump
        )
        message.attribute(1, chain.table)
        message.attribute(2, chain.name)
        return message
    }

    /// Asks for the elements of a set in a chain's table.
    package static func elements(ofSet set: String, of chain: FoundChain) -> NetlinkMessage {
        var message = NetlinkMessage(
            "list the set \"\(set)\"",
            .getElement,
            family: chain.family.rawValue,
            .dump
        )
        message.attribute(1, chain.table)
        message.attribute(2, set)
        return message
    }
}

extension FilterElement {
    /// The keys in an answer to ``NetlinkMessage/elements(ofSet:of:)``; of intervals, those where one begins.
    package static func keys(in reply: NetlinkReply) -> [[UInt8]] {
        let list = reply.attributes(behind: FilterMessage.fixed).nested(3)?.values ?? []
        return list.compactMap { item in
            let item = NetlinkAttributes(item)
            // NFT_SET_ELEM_INTERVAL_END
            let isEnd = (item.number(3, UInt32.self) ?? 0).byteSwapped & 1 != 0
            return isEnd ? nil : item.nested(1)?[1].map(Array.init)
        }
    }
}
