/// A rule of anybody's, as far as it is about interfaces and connections.
///
/// What else it asks of a packet is only known to be something: enough to tell what a rule does with all packets of an
/// interface.
package struct FoundRule: Equatable, Sendable {
    /// One of a packet's interfaces.
    package enum Side: Sendable {
        case input
        case output
    }

    /// What a rule asks of a packet.
    package enum Condition: Equatable, Sendable {
        /// The name of an interface begins with these bytes, or doesn't; one that is meant whole ends with a zero.
        case named(Side, [UInt8], isWanted: Bool)
        /// The name of an interface is in a set, or isn't.
        case listed(Side, set: String, isWanted: Bool)
        /// The connection was led elsewhere than it was sent to.
        case isRedirected
        /// The connection isn't new.
        case isUnderway
        case other
    }

    /// What a rule does with packets that fulfil its conditions.
    package enum Verdict: Equatable, Sendable {
        case accept
        /// Drops, or rejects.
        case refuse
        /// On to another chain, and back.
        case jump(String)
        /// On to another chain, without coming back.
        case proceed(String)
        /// Back to where a rule jumped from.
        case back
        /// What a map says for the packet.
        case mapped
    }

    package let conditions: [Condition]
    /// Nil for a rule that only counts or logs.
    package let verdict: Verdict?

    /// A rule of conditions, which all have to be fulfilled.
    package init(_ conditions: [Condition], _ verdict: Verdict?) {
        self.conditions = conditions
        self.verdict = verdict
    }

    /// Reads an answer to ``NetlinkMessage/rules(of:)``.
    package init?(_ reply: NetlinkReply) {
        guard reply.type == FilterMessage.Kind.newRule.type else { return nil }
        let list = reply.attributes(behind: FilterMessage.fixed).nested(4)?.values ?? []
        var reader = RuleReader()
        for expression in list.map(NetlinkAttributes.init) {
            guard let name = expression.text(1) else { return nil }
            reader.read(name, expression.nested(2) ?? NetlinkAttributes([]))
        }
        self.init(reader.conditions, reader.verdict)
    }
}
