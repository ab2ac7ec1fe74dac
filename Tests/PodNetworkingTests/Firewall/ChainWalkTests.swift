import Netlink
import Testing

@testable import PodNetworking

/// Where packets of pods end in chains that are only described.
@Suite struct ChainWalkTests {
    private struct Rules: RuleSource {
        var chains: [String: [FoundRule]]

        func rules(of chain: FoundChain) -> [FoundRule] { chains[chain.name] ?? [] }
        func names(inSet set: String, of chain: FoundChain) -> [[UInt8]] { [Array(set.utf8)] }
    }

    private func accepts(
        _ chains: [String: [FoundRule]],
        drops: Bool = true,
        _ side: FoundRule.Side = .input
    ) throws -> Bool {
        let chain = FoundChain(
            .both,
            table: "t",
            "base",
            hook: .forward,
            dropsTheRest: drops
        )
        var walk = ChainWalk(side, Array("rktn".utf8), Rules(chains: chains))
        return try walk.accepts(chain)
    }

    private static let ours = FoundRule.Condition.named(.input, Array("rkt".utf8), isWanted: true)

    @Test func theEndOfAChainIsItsPolicy() throws {
        #expect(try !accepts([:]))
        #expect(try accepts([:], drops: false))
        #expect(try !accepts(["base": [FoundRule([], .back), FoundRule([], .accept)]]))
        #expect(try !accepts(["base": [FoundRule([], .refuse)]], drops: false))
    }

    @Test func chainsComeBackUnlessTheyAreProceededTo() throws {
        let rest = [FoundRule([Self.ours], .accept)]
        #expect(try accepts(["base": [FoundRule([], .jump("a"))] + rest]))
        #expect(try !accepts(["base": [FoundRule([], .proceed("a"))] + rest]))
        #expect(try accepts(["base": [FoundRule([.other], .proceed("a"))] + rest]))
        #expect(try accepts(["base": [FoundRule([], .proceed("a"))], "a": rest]))
    }

    /// What leads some packets elsewhere says nothing of those that it leaves.
    @Test func onlyWhatIsCertainRefuses() throws {
        let rest = [FoundRule([Self.ours], .accept)]
        #expect(try accepts(["base": [FoundRule([.other], .refuse)] + rest]))
        let locals = [FoundRule([.other], .back), FoundRule([], .refuse)]
        #expect(try accepts(["base": [FoundRule([], .jump("a"))] + rest, "a": locals]))
        #expect(
            try accepts([
                "base": [FoundRule([.other], .jump("a"))] + rest, "a": [FoundRule([], .refuse)],
            ])
        )
        #expect(try !accepts(["base": [FoundRule([.isUnderway], .accept)]]))
    }

    @Test func aRuleForPodsCountsWhateverElseItAsks() throws {
        #expect(try accepts(["base": [FoundRule([Self.ours, .other], .accept)]]))
        #expect(try !accepts(["base": [FoundRule([Self.ours, .other], nil)]]))
        let chains = [
            "base": [FoundRule([Self.ours], .jump("a"))], "a": [FoundRule([.other], .accept)],
        ]
        #expect(try accepts(chains))
        #expect(try !accepts(chains, .output))
        let listed = FoundRule.Condition.listed(.input, set: "rktn\0\0", isWanted: true)
        #expect(try accepts(["base": [FoundRule([listed], .mapped)]]))
        #expect(try accepts(["base": [FoundRule([.isRedirected], .accept)]], .output))
        #expect(try !accepts(["base": [FoundRule([.isRedirected], .accept)]]))
    }

    /// Each chain leads to the next one twice: nobody waits for 2^30 of them, and nobody is warned.
    @Test func tooManyChainsAreNoObstacle() throws {
        var chains = ["base": [FoundRule([], .jump("0"))]]
        for number in 0..<30 {
            chains["\(number)"] = [
                FoundRule([], .jump("\(number + 1)")), FoundRule([], .jump("\(number + 1)")),
            ]
        }
        #expect(try accepts(chains))
    }
}
