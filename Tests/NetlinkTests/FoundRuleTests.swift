import Testing

@testable import Netlink

/// What is read of other programs' chains and rules.
@Suite struct FoundRuleTests {
    private static let register = FilterRegister(0)

    /// The kernel tells a rule as it was told.
    private func replies(_ message: NetlinkMessage) -> [NetlinkReply] {
        NetlinkReply.all(in: message.encoded(sequence: 1, acknowledged: false))
    }

    private func read(_ rule: [FilterExpression]) throws -> FoundRule {
        let message = NetlinkMessage.add(rule, chain: "c", table: "t")
        return try #require(replies(message).first.flatMap(FoundRule.init))
    }

    private static func named(_ fact: FilterExpression.Fact, _ name: String) -> [FilterExpression] {
        [.load(fact, register), .equal(register, Array(name.utf8))]
    }

    @Test func interfacesAndVerdictsAreRead() throws {
        let input = FoundRule.Condition.named(.input, Array("rktn".utf8), isWanted: true)
        let output = FoundRule.Condition.named(.output, Array("eth0\0".utf8), isWanted: true)
        let rule = Self.named(.inputName, "rktn") + Self.named(.outputName, "eth0\0")
        #expect(try read(rule + [.verdict(.accept)]) == FoundRule([input, output], .accept))
        #expect(try read(rule + [.verdict(.drop)]) == FoundRule([input, output], .refuse))
        #expect(try read(rule) == FoundRule([input, output], nil))
        let not: [FilterExpression] = [
            .load(.inputName, Self.register), .different(Self.register, Array("a".utf8)),
        ]
        #expect(try read(not).conditions == [.named(.input, [0x61], isWanted: false)])
    }

    @Test func ofConnectionsItIsReadWhetherTheyWereRedirected() throws {
        func status(_ mask: [UInt8]) throws -> [FoundRule.Condition] {
            try read([
                .loadStatus(Self.register), .mask(Self.register, mask),
                .different(Self.register, [0, 0, 0, 0]), .verdict(.accept),
            ]).conditions
        }
        #expect(try status([0x20, 0, 0, 0]) == [.isRedirected])
        #expect(try status([0x10, 0, 0, 0]) == [.other])
    }

    @Test func whatIsNotUnderstoodIsACondition() throws {
        let address: [FilterExpression] = [
            .loadBytes(.network, offset: 12, length: 4, Self.register),
            .equal(Self.register, [10, 0, 0, 1]),
        ]
        #expect(try read(address + [.verdict(.accept)]) == FoundRule([.other], .accept))
        // A register that was filled anew.
        let overwritten =
            [.load(.inputName, Self.register)] + address + [.verdict(.accept)] as [FilterExpression]
        #expect(try read(overwritten).conditions == [.other])
    }

    @Test func chainsAreRead() throws {
        let base = BaseChain("forward", .filter, .forward, priority: 0)
        let reply = try #require(replies(.add(base, table: "t")).first)
        #expect(FoundChain(reply) == FoundChain(.both, table: "t", "forward", hook: .forward))
        #expect(FoundRule(reply) == nil)
    }

    @Test func damagedAnswersAreNothingOrLess() {
        let rule = Self.named(.inputName, "rktn") + [.verdict(.accept)]
        let whole = NetlinkMessage.add(rule, chain: "c", table: "t")
            .encoded(sequence: 1, acknowledged: false)
        for count in NetlinkMessage.headerSize..<whole.count {
            var bytes = Array(whole.prefix(count))
            bytes[0] = UInt8(truncatingIfNeeded: count)
            bytes[1] = UInt8(truncatingIfNeeded: count >> 8)
            for reply in NetlinkReply.all(in: bytes) {
                #expect(FoundRule(reply).map { $0.verdict } != .accept)
                #expect(FoundChain(reply) == nil)
            }
        }
    }
}
