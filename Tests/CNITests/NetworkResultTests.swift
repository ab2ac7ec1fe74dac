import Addresses
import CNI
import JSON
import TestSupport
import Testing

struct NetworkResultTests {
    static let old = """
        {"cniVersion":"0.2.0","ip4":{"ip":"10.0.0.2/24","gateway":"10.0.0.1","routes":[{"dst":"0.0.0.0/0"}]},
         "ip6":{"ip":"fd00::2/64"},"dns":{"nameservers":["10.0.0.1"],"search":["a.test"]}}
        """
    static let middle = """
        {"cniVersion":"0.4.0","interfaces":[{"name":"br0","mac":"02:00:00:00:00:01"},
           {"name":"eth0","sandbox":"/proc/1/ns/net"}],
         "ips":[{"version":"4","interface":1,"address":"10.0.0.2/24","gateway":"10.0.0.1"},
           {"version":"6","interface":1,"address":"fd00::2/64"}],
         "routes":[{"dst":"0.0.0.0/0","gw":"10.0.0.1"}],"dns":{}}
        """
    static let new = """
        {"cniVersion":"1.1.0","interfaces":[{"name":"eth0","mtu":1400,"sandbox":"/n","pciID":"0000:00:01.0"}],
         "ips":[{"interface":0,"address":"fd00::2/64"}],
         "routes":[{"dst":"::/0","gw":"fd00::1","mtu":1300,"advmss":1200,"priority":5,"table":7,"scope":0}]}
        """

    static func read(_ text: String) throws(CNIError) -> NetworkResult {
        try NetworkResult.parse(Array(text.utf8)).0
    }

    @Test
    func resultsOfAllVersionsMeanTheSame() throws {
        let (four, six) = (
            try #require(IPPrefix("10.0.0.2/24")), try #require(IPPrefix("fd00::2/64"))
        )
        for text in [Self.old, Self.middle] {
            let result = try Self.read(text)
            #expect(result.addresses.map(\.prefix) == [four, six])
            #expect(result.addresses[0].gateway == IPAddress("10.0.0.1"))
            #expect(result.routes.map(\.destination) == [try #require(IPPrefix("0.0.0.0/0"))])
        }
        #expect(try Self.read(Self.old).nameService.nameservers == ["10.0.0.1"])
        #expect(try Self.read(Self.middle).addresses[0].interface == 1)
        let new = try Self.read(Self.new)
        #expect(new.interfaces[0].mtu == 1400)
        #expect(new.routes[0].table == 7 && new.routes[0].scope == 0)
    }

    @Test
    func resultNamesItsVersion() throws {
        #expect(try NetworkResult.parse(Array(Self.new.utf8)).1 == .v110)
        #expect(try NetworkResult.parse(Array("{}".utf8)).1 == .unnamed)
    }

    @Test
    func whatIsWrittenIsReadBack() throws {
        for version in CNIVersion.allCases where version.layout != .pair {
            var result = try Self.read(Self.middle)
            #expect(try Self.read(result.json(version).encoded()) == result)
            result.nameService.options = ["ndots:3"]
            #expect(try Self.read(result.json(version).encoded()) == result)
        }
        let new = try Self.read(Self.new)
        #expect(try Self.read(new.json(.v110).encoded()) == new)
        let old = try Self.read(Self.old)
        #expect(try Self.read(old.json(.v010).encoded()) == old)
    }

    @Test
    func whatAnOldVersionCannotTellIsSaidOrLeftOut() throws {
        let document = try Self.read(Self.new).json(.v100)
        #expect(document["interfaces"]?.array?[0]["mtu"] == nil)
        #expect(document["routes"]?.array?[0]["table"] == nil)
        #expect(document["ips"]?.array?[0]["version"] == nil)
        var two = try Self.read(Self.middle)
        two.addresses.append(.init(try #require(IPPrefix("10.0.0.3/24"))))
        #expect(throws: CNIError.self) { try two.json(.v020) }
    }

    @Test(arguments: [
        #"{"cniVersion":"9.9.9"}"#, #"{"ip4":{}}"#, #"{"ip4":{"ip":"10.0.0.1"}}"#,
        #"{"ip4":{"ip":"fd00::1/64"}}"#, #"{"ip6":{"ip":"10.0.0.1/8"}}"#,
        #"{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.1/33"}]}"#,
        #"{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.1"}]}"#,
        #"{"cniVersion":"1.0.0","interfaces":[{"name":"a"}],"ips":[{"interface":1,"address":"10.0.0.1/8"}]}"#,
        #"{"cniVersion":"1.0.0","routes":[{"dst":"default"}]}"#,
        #"{"cniVersion":"1.0.0","routes":[{"dst":"::/0","gw":"x"}]}"#,
        #"{"cniVersion":"1.1.0","routes":[{"dst":"::/0","mtu":-1}]}"#,
        #"{"cniVersion":"1.1.0","interfaces":[{"name":"a","mtu":4294967296}]}"#,
        #"{"dns":{"nameservers":["1.2.3.4\nsearch evil"]}}"#, #"{"dns":{"search":["a b"]}}"#,
        #"{"dns":{"domain":"a\nb"}}"#, #"{"dns":{"options":["a\tb"]}}"#, "null", "[]", "",
        "not JSON",
    ])
    func wrongResultIsRefused(_ text: String) {
        #expect(throws: CNIError.self) { try Self.read(text) }
    }

    @Test
    func listsAreLimited() {
        let routes = Array(repeating: #"{"dst":"::/0"}"#, count: 1025).joined(separator: ",")
        #expect(throws: CNIError.self) {
            try Self.read(#"{"cniVersion":"1.0.0","routes":[\#(routes)]}"#)
        }
    }

    @Test
    func mutatedResultsNeitherTrapNorHang() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<1500 {
            for seed in [Self.old, Self.middle, Self.new] {
                let bytes = mutated(Array(seed.utf8), using: &random)
                guard let (result, _) = try? NetworkResult.parse(bytes) else { continue }
                for version in CNIVersion.allCases { _ = try? result.json(version) }
            }
        }
    }
}

struct PluginComplaintTests {
    @Test
    func errorReadsAsRktShowsIt() throws {
        let text = #"{"cniVersion":"1.0.0","code":7,"msg":"no subnet","details":"ask the admin"}"#
        let error = try PluginComplaint(parsing: Array(text.utf8))
        #expect(error.code == 7)
        #expect(error.description == "no subnet; ask the admin")
        #expect(try PluginComplaint(parsing: Array(#"{"code":4}"#.utf8)).description == "error 4")
    }

    @Test(arguments: ["", "{}", "[]", #"{"code":-1,"msg":"a"}"#, #"{"msg":5}"#, "panic: x"])
    func anythingElseIsNoError(_ text: String) {
        #expect(throws: CNIError.self) { try PluginComplaint(parsing: Array(text.utf8)) }
    }

    @Test
    func versionsOfAPluginAreRead() throws {
        let text = #"{"cniVersion":"1.0.0","supportedVersions":["1.0.0","0.4.0","7.0.0"]}"#
        let versions = try PluginVersions(parsing: Array(text.utf8))
        #expect(versions.known == [.v040, .v100])
        #expect(throws: CNIError.self) { try PluginVersions(parsing: Array("{}".utf8)) }
    }
}
