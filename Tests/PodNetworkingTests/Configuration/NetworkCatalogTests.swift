import PodNetworking
import TestSupport
import Testing

struct NetworkCatalogTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func write(_ file: String, _ text: String) throws {
        try scratch.write(text, to: "net.d/\(file)")
    }

    private func network(_ name: String) -> String { #"{"name":"\#(name)","type":"bridge"}"# }

    private func catalog() throws -> NetworkCatalog {
        try NetworkCatalog(configuration: scratch.path)
    }

    private func chosen(_ values: String...) throws -> [String] {
        guard case .networks(let choice) = try NetworkSelection(values) else { return [] }
        return try catalog().choose(choice).map { "\($0.interface)=\($0.entry.name)" }
    }

    @Test
    func builtInNetworksNeedNoDirectory() throws {
        #expect(try catalog().entries.map(\.name) == ["default-restricted", "default"])
        #expect(try chosen("all") == ["eth0=default-restricted", "eth1=default"])
        #expect(try chosen() == ["eth0=default"])
    }

    @Test
    func fileNamesOrderTheInterfacesWhateverTheFlagsOrder() throws {
        try write("20-a.conf", network("a"))
        try write("10-b.conflist", #"{"name":"b","plugins":[{"type":"bridge"}]}"#)
        try write("notes.txt", "no network")
        try write(".30-c.conf", network("c"))
        #expect(try chosen("a,default,b") == ["eth0=b", "eth1=a", "eth2=default"])
        #expect(
            try chosen("all", "a:K=V")
                == ["eth0=b", "eth1=a", "eth2=default-restricted", "eth3=default"]
        )
    }

    @Test
    func fileReplacesTheBuiltInNetworkOfItsName() throws {
        try write("10-own.conf", network("default"))
        let catalog = try catalog()
        let path = scratch("net.d/10-own.conf")
        #expect(catalog.entries.map(\.fileName) == ["10-own.conf", "99-default-restricted.conf"])
        #expect(catalog.entries[0].file?.path == path)
        #expect(catalog.remarks == ["overriding \"default\" network with one from \(path)"])
    }

    @Test
    func firstOfTwoFilesWithOneNameCounts() throws {
        try write("10-a.conf", network("a"))
        try write("20-a.conf", network("a"))
        let catalog = try catalog()
        #expect(catalog.entries.filter { $0.name == "a" }.map(\.fileName) == ["10-a.conf"])
        let path = scratch("net.d/20-a.conf")
        #expect(catalog.remarks == ["\"a\" network already defined, ignoring \(path)"])
    }

    @Test
    func unknownNetworksAreNamedTogether() {
        let error = #expect(throws: NetworkCatalogError.self) { try chosen("x,default,y") }
        #expect(error?.description == "networks not found: x, y")
    }

    @Test
    func brokenFileOnlyMattersToWhoMightMeanIt() throws {
        try write("10-a.conf", #"{"name":"a"}"#)
        #expect(try chosen("default") == ["eth0=default"])
        let error = #expect(throws: NetworkCatalogError.self) { try chosen("a") }
        #expect(error?.description.contains("type: missing") == true)
        #expect(throws: NetworkCatalogError.self) { try chosen("all") }
    }
}
