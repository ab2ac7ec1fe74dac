import CNI
import JSON
import TestSupport
import Testing

struct NetworkConfigurationTests {
    static let single = """
        {"cniVersion":"0.1.0","name":"default","type":"ptp","ipMasq":true,
         "ipam":{"type":"host-local","subnet":"172.16.28.0/24","routes":[{"dst":"0.0.0.0/0"}]}}
        """
    static let chain = """
        {"cniVersion":"1.0.0","name":"web","disableCheck":true,"plugins":[
          {"type":"bridge","bridge":"web0","ipam":{"type":"host-local"},"capabilities":{"ips":true,"mac":false}},
          {"type":"portmap","capabilities":{"portMappings":true},"snat":true}]}
        """

    static func read(
        _ text: String,
        _ form: NetworkConfiguration.Form = .plugin
    ) throws(CNIError) -> NetworkConfiguration {
        try NetworkConfiguration(parsing: Array(text.utf8), form: form)
    }

    @Test
    func singlePluginIsAChainOfOne() throws {
        let network = try Self.read(Self.single)
        #expect(network.name.text == "default")
        #expect(network.versions == [.v010])
        #expect(network.plugins.map(\.type) == ["ptp"])
        #expect(network.capabilities.isEmpty)
    }

    @Test
    func chainIsReadInItsOrder() throws {
        let network = try Self.read(Self.chain, .list)
        #expect(network.plugins.map(\.type) == ["bridge", "portmap"])
        #expect(network.capabilities == ["ips", "portMappings"])
        #expect(network.disablesCheck && !network.disablesCollection)
    }

    @Test
    func documentIsReadBack() throws {
        for network in [try Self.read(Self.single), try Self.read(Self.chain, .list)] {
            #expect(try NetworkConfiguration(document: network.document) == network)
        }
    }

    @Test
    func versionsThatBothSpeakAreKept() throws {
        let network = try Self.read(
            #"{"cniVersion":"1.0.0","cniVersions":["9.0.0","1.1.0","0.4.0"],"name":"a","type":"b"}"#
        )
        #expect(network.versions == [.v040, .v100, .v110])
        #expect(try Self.read(#"{"name":"a","type":"b"}"#).versions == [.unnamed])
        #expect(throws: CNIError.versions(["2.0.0"])) {
            try Self.read(#"{"cniVersion":"2.0.0","name":"a","type":"b"}"#)
        }
    }

    /// A plugin's type becomes a path, a network's name the name of a directory of leases (CVE-2021-20206).
    @Test(arguments: [
        #"{"name":"a","type":"../../bin/sh"}"#, #"{"name":"a","type":"a/b"}"#,
        #"{"name":"a","type":".."}"#, #"{"name":"a","type":"."}"#, #"{"name":"a","type":""}"#,
        #"{"name":"a","type":"b\n"}"#, #"{"name":"a","type":"b","ipam":{"type":"../x"}}"#,
        #"{"name":"../a","type":"b"}"#, #"{"name":"","type":"b"}"#, #"{"name":".a","type":"b"}"#,
        #"{"name":"a b","type":"b"}"#, #"{"type":"b"}"#, #"{"name":"a"}"#,
        #"{"name":1,"type":"b"}"#,
        #"{"name":"a","type":"b","plugins":[]}"#, #"{"name":"a","type":"b","capabilities":["x"]}"#,
        #"{"name":"a","type":"b","capabilities":{"x":1}}"#, #"{"name":"a","Name":"b","type":"b"}"#,
        "[]", "", #"{"name":"a","type":"b"} {}"#,
    ])
    func anythingElseIsRefused(_ text: String) {
        #expect(throws: CNIError.self) { try Self.read(text) }
    }

    @Test(arguments: [
        #"{"name":"a"}"#, #"{"name":"a","plugins":[]}"#, #"{"name":"a","plugins":{}}"#,
        #"{"name":"a","plugins":[{}]}"#, #"{"name":"a","plugins":[{"type":"/b"}]}"#,
    ])
    func listWithoutPluginsIsRefused(_ text: String) {
        #expect(throws: CNIError.self) { try Self.read(text, .list) }
    }

    @Test
    func sizesAreLimited() {
        let plugins = Array(repeating: #"{"type":"b"}"#, count: 33).joined(separator: ",")
        #expect(throws: CNIError.self) {
            try Self.read(#"{"name":"a","plugins":[\#(plugins)]}"#, .list)
        }
        let long = String(repeating: "x", count: 1 << 20)
        #expect(throws: CNIError.self) { try Self.read(#"{"name":"a","type":"b","x":"\#(long)"}"#) }
        #expect(throws: CNIError.self) {
            try Self.read(#"{"name":"\#(long.prefix(256))","type":"b"}"#)
        }
    }

    @Test
    func mutatedDocumentsNeitherTrapNorHang() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let one = mutated(Array(Self.single.utf8), using: &random)
            _ = try? NetworkConfiguration(parsing: one, form: .plugin)
            let other = mutated(Array(Self.chain.utf8), using: &random)
            _ = try? NetworkConfiguration(parsing: other, form: .list)
        }
    }
}
