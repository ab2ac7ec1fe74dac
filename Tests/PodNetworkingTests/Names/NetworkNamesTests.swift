import Addresses
import CNI
import Linux
import PodLifecycle
import TestSupport
import Testing

@testable import PodNetworking

/// Who finds whom by name.
@Suite struct NetworkNamesTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func pod(
        _ uuid: PodUUID,
        _ hostname: String,
        _ places: [String: String]
    ) throws -> NamedPod {
        let attachments = try places.sorted { $0.key < $1.key }
            .map { network, address in
                Attachment(
                    network: network,
                    interface: "eth0",
                    addresses: [try #require(IPPrefix("\(address)/24"))],
                    configuration: ""
                )
            }
        return NamedPod(uuid, hostname: hostname, on: attachments)
    }

    @discardableResult
    private func join(
        _ pod: NamedPod,
        lines: [String] = [],
        running: Set<PodUUID> = []
    ) throws -> PodUUID? {
        let data = try Directory(path: scratch.path)
        let own = try data.makingDirectories("pods/run/\(pod.uuid)")
        let names = try NetworkNames(in: data) { running.contains($0) }
        return try names.join(pod, lines: lines, linking: "hosts", in: own).holder
    }

    /// The lines that count: fields of addresses and names.
    private func hosts(_ uuid: PodUUID) throws -> [[Substring]] {
        try #require(scratch.read("pods/run/\(uuid)/hosts")).split(separator: "\n")
            .map { $0.split(separator: " ") }
            .filter { $0.first.map { !$0.hasPrefix("#") } ?? false }
            .filter { $0[1] != "localhost" }
    }

    @Test func podsOnOneNetworkFindEachOther() throws {
        let (one, two) = (PodUUID(), PodUUID())
        try join(pod(one, "web", ["a": "10.0.0.1"]))
        try join(pod(two, "", ["a": "10.0.0.2"]), running: [one])
        let expected = [["10.0.0.1", "web", "rkt-\(one)"], ["10.0.0.2", "rkt-\(two)"]]
        for uuid in [one, two] { #expect(try hosts(uuid) == expected.map { $0.map { $0[...] } }) }
    }

    @Test func namesStayInTheirNetwork() throws {
        let (one, two, both) = (PodUUID(), PodUUID(), PodUUID())
        try join(pod(one, "one", ["a": "10.0.0.1"]))
        try join(pod(two, "two", ["b": "10.0.1.1"]))
        try join(pod(both, "both", ["a": "10.0.0.2", "b": "10.0.1.2"]))
        #expect(try hosts(one).map(\.[0]) == ["10.0.0.1", "10.0.0.2"])
        #expect(try hosts(two).map(\.[0]) == ["10.0.1.1", "10.0.1.2"])
        #expect(try hosts(both).map(\.[1]) == ["one", "two", "both", "both"])
    }

    @Test func linesOfOnesOwnComeFirstAndAreNobodyElses() throws {
        let (one, two, three) = (PodUUID(), PodUUID(), PodUUID())
        try join(pod(one, "one", ["a": "10.0.0.1"]))
        try join(pod(two, "two", ["a": "10.0.0.2"]), lines: ["192.0.2.1 mine"])
        try join(pod(three, "three", ["a": "10.0.0.3"]))
        #expect(try hosts(two).map(\.[1]) == ["mine", "one", "two", "three"])
        #expect(try hosts(one).map(\.[1]) == ["one", "two", "three"])
    }

    @Test func ofTwoPodsWithANameTheFirstHasIt() throws {
        let (one, two, three) = (PodUUID(), PodUUID(), PodUUID())
        #expect(try join(pod(one, "db", ["a": "10.0.0.1"])) == nil)
        #expect(try join(pod(two, "DB", ["a": "10.0.0.2"]), running: [one]) == one)
        // The second calls itself by its name all the same.
        #expect(try hosts(two).map(\.[0]) == ["10.0.0.2", "10.0.0.1", "10.0.0.2"])
        #expect(try hosts(one).map(\.[1]) == ["db", "rkt-\(two)"])
        // Once it is gone, however that came about, the name is free.
        #expect(try join(pod(three, "db", ["a": "10.0.0.3"]), running: [two]) == nil)
        #expect(try hosts(two).map(\.[0]).sorted() == ["10.0.0.2", "10.0.0.2", "10.0.0.3"])
    }

    @Test(arguments: ["localhost", "ip6-localhost", "rkt-00000000-0000-4000-8000-000000000000"])
    func namesOfOthersAreNotTaken(_ name: String) throws {
        let one = PodUUID()
        try join(pod(one, name, ["a": "10.0.0.1"]))
        #expect(try hosts(one) == [["10.0.0.1", "rkt-\(one)"]])
    }

    @Test func anAddressOfADeadPodIsItsSuccessors() throws {
        let (one, two) = (PodUUID(), PodUUID())
        try join(pod(one, "old", ["a": "10.0.0.1"]))
        try join(pod(two, "new", ["a": "10.0.0.1"]))
        #expect(try hosts(two).map(\.[1]) == ["new"])
    }

    @Test func collectingSparesRunningPods() throws {
        let (dead, running) = (PodUUID(), PodUUID())
        try join(pod(dead, "dead", ["a": "10.0.0.1"]), lines: ["192.0.2.1 mine"])
        try join(pod(running, "running", ["a": "10.0.0.2"]), running: [dead])
        let data = try Directory(path: scratch.path)
        try data.directory("pods/run").removeTree(dead.description)
        try NetworkNames(in: data) { $0 == running }.collect()
        #expect(try hosts(running).map(\.[1]) == ["running"])
        #expect(scratch.list("names") == ["a"])
        try data.directory("pods/run").removeTree(running.description)
        try NetworkNames(in: data) { _ in false }.collect()
        #expect(scratch.list("names").isEmpty)
    }

    @Test func aPlaceIsUsedAgain() throws {
        let keeper = PodUUID()
        try join(pod(keeper, "", ["a": "10.0.0.1"]))
        var last = keeper
        for _ in 0..<50 {
            let next = PodUUID()
            try join(pod(next, "same", ["a": "10.0.0.2"]), running: [keeper])
            last = next
        }
        #expect(try hosts(last).count == 2)
        #expect(try #require(scratch.read("names/a")).utf8.count < 6 * NameRow.length)
    }

    @Test func theLongestNameOfANetworkHasRoom() throws {
        let network = String(repeating: "a", count: NetworkName.longest)
        let (one, two) = (PodUUID(), PodUUID())
        try join(pod(one, "one", [network: "10.0.0.1"]))
        try join(pod(two, "two", [network: "10.0.0.2"]), lines: ["192.0.2.1 mine"])
        #expect(try hosts(two).map(\.[1]) == ["mine", "one", "two"])
        #expect(NetworkName(network + "a") == nil)
    }

    @Test func networksThatAFileHasNoRoomForAreTold() throws {
        let networks = ["a", "b", "c", "d"].map { String(repeating: $0, count: 60) }
        let (one, four, all) = (PodUUID(), PodUUID(), PodUUID())
        try join(pod(one, "one", [networks[0]: "10.0.0.1"]))
        try join(pod(four, "four", [networks[3]: "10.0.3.1"]))
        let places = zip(networks, 0...).map { ($0, "10.0.\($1).9") }
        let member = try pod(all, "all", Dictionary(uniqueKeysWithValues: places))
        let data = try Directory(path: scratch.path)
        let own = try data.makingDirectories("pods/run/\(all)")
        let names = try NetworkNames(in: data) { _ in true }
        let joined = try names.join(member, lines: [], linking: "hosts", in: own)
        #expect(joined.unknownNetworks == [networks[3]])
        #expect(try hosts(all).map(\.[1]) == ["one", "all", "all", "all"])
        // Whom it doesn't know knows it all the same.
        #expect(try hosts(four).map(\.[1]) == ["four", "all"])
    }

    @Test func twoThousandPodsHaveRoom() throws {
        let uuids = (0..<2000).map { _ in PodUUID() }
        try join(pod(uuids[0], "pod-0", ["a": "10.0.0.1"]))
        let data = try Directory(path: scratch.path)
        var file = try NamesFile("a", in: data.directory("names"))
        for (index, uuid) in uuids.enumerated().dropFirst() {
            for text in ["10.0.\(index / 250).\(index % 250 + 1)", "fd00::\(index + 1)"] {
                let address = try #require(IPAddress(text))
                try file.add(NameRow(address: address, hostname: "pod-\(index)", uuid: uuid))
            }
        }
        let last = PodUUID()
        try join(pod(last, "last", ["a": "10.0.9.9"]), running: Set(uuids))
        let hosts = try hosts(last)
        #expect(hosts.count == 4000)
        for (index, uuid) in uuids.enumerated().dropFirst() {
            let names = ["pod-\(index)", "rkt-\(uuid)"]
            let four = ["10.0.\(index / 250).\(index % 250 + 1)"] + names
            #expect(hosts[2 * index - 1] == four.map { $0[...] })
            #expect(hosts[2 * index] == (["fd00::\(index + 1)"] + names).map { $0[...] })
        }
        // Of a name that is taken only the first holder counts, also among so many.
        #expect(
            try join(pod(PodUUID(), "pod-1999", ["a": "10.0.9.10"]), running: [uuids[1999]])
                == uuids[1999]
        )
        let size = try #require(scratch.read("names/a")).utf8.count
        #expect(size / NameRow.length == 4002 && size < 600_000)
    }

    @Test func whatAnotherRunOfTheMachineLeftIsGone() throws {
        let (one, two) = (PodUUID(), PodUUID())
        try join(pod(one, "one", ["a": "10.0.0.1"]))
        let text = try #require(scratch.read("names/a"))
        try scratch.write(
            text.replacing("# Generated by rkt ", with: "# Generated by rxx "),
            to: "names/a"
        )
        try join(pod(two, "two", ["a": "10.0.0.2"]), running: [one])
        #expect(try hosts(two).map(\.[1]) == ["two"])
    }
}
