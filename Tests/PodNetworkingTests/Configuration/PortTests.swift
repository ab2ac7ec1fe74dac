import Addresses
import AppContainer
import JSON
import PodNetworking
import TestSupport
import Testing

struct PortTests {
    private func manifest(_ requests: [String], ports: [Port] = []) throws -> PodManifest {
        var app = App()
        app.ports = ports
        let text = """
            {"acVersion":"0.8.11","acKind":"PodManifest","apps":[
              {"name":"web","image":{"id":"sha512-\(String(repeating: "0", count: 128))"}}]}
            """
        var manifest = try PodManifest(parsing: Array(text.utf8))
        manifest.apps[0].app = app
        manifest.ports = try requests.map { try PortRequest($0).manifestEntry }
        // What the pod keeps is what counts.
        return try PodManifest(parsing: manifest.json.encodedBytes())
    }

    private func port(_ name: String, _ number: UInt16, count: UInt16 = 1) throws -> Port {
        var port = Port(name: try ACName(name), protocol: "tcp", number: number)
        port.count = count
        return port
    }

    private func forwards(_ requests: String..., ports: [Port] = []) throws -> [String] {
        try manifest(requests, ports: ports).forwards().map {
            let host = $0.hostAddress.map { "\($0) " } ?? ""
            return "\(host)\($0.hostPort)->\($0.podPort)x\($0.count)/\($0.protocol.rawValue)"
        }
    }

    @Test
    func bothFormsAreRead() throws {
        let http = try port("http", 80)
        #expect(try forwards("http:8080", ports: [http]) == ["8080->80x1/tcp"])
        #expect(try forwards("http:10.0.0.1:8080", ports: [http]) == ["10.0.0.1 8080->80x1/tcp"])
        #expect(try forwards("http:[::1]:8080", ports: [http]) == ["::1 8080->80x1/tcp"])
        #expect(try forwards("8080:80") == ["8080->80x1/tcp"])
        #expect(try forwards("5353:53/udp") == ["5353->53x1/udp"])
        #expect(try forwards("127.0.0.1:8080:80/tcp") == ["127.0.0.1 8080->80x1/tcp"])
        #expect(try forwards("[fd00::1]:8080:80") == ["fd00::1 8080->80x1/tcp"])
    }

    @Test
    func countOfTheImagesPortIsARange() throws {
        let range = try port("ftp", 30000, count: 100)
        #expect(try forwards("ftp:40000", ports: [range]) == ["40000->30000x100/tcp"])
        #expect(try manifest(["ftp:40000"], ports: [range]).forwards()[0].mappings.count == 100)
        #expect(throws: NetworkFlagError.self) { try forwards("ftp:65500", ports: [range]) }
    }

    @Test(arguments: [
        "", ":", "http", "http:", "http:0", "http:65536", "http:x", "http:+80", ":80", "HTTP:80",
        "http:::1:80", "http:[::1:80", "http:[10.0.0.1]:80", "http:host:80", "80:http", "80:0",
        "80:90/sctp", "80:90/", "80:90/udp/tcp", "1:2:3:4", "a:b:c:d", "http:8080/udp", "80:[::1]",
    ])
    func anythingElseIsRefused(_ text: String) {
        #expect(throws: NetworkFlagError.self) { try PortRequest(text) }
    }

    @Test
    func nameMustBeOneAppsPort() throws {
        #expect(throws: NetworkFlagError.unknownPort("http")) { try forwards("http:80") }
        let twice = [try port("http", 80), try port("http", 81)]
        #expect(throws: NetworkFlagError.self) { try forwards("http:80", ports: twice) }
    }

    @Test(arguments: [
        ("80:1", "80:2", true), ("80:1", "80:2/udp", false), ("80:1", "81:1", false),
        ("10.0.0.1:80:1", "10.0.0.2:80:1", false), ("10.0.0.1:80:1", "10.0.0.1:80:2", true),
        ("0.0.0.0:80:1", "10.0.0.1:80:2", true), ("80:1", "[::1]:80:2", true),
        ("10.0.0.1:80:1", "[::1]:80:2", false), ("[::]:80:1", "[::1]:80:2", true),
    ])
    func portOfTheHostLeadsToOnePlace(_ one: String, _ two: String, conflicts: Bool) throws {
        for (one, two) in [(one, two), (two, one)] {
            if conflicts {
                #expect(throws: NetworkFlagError.self) { try forwards(one, two) }
            } else {
                #expect(try forwards(one, two).count == 2)
            }
        }
    }

    @Test
    func rangesConflictWhereTheyMeet() throws {
        let range = try port("ftp", 30000, count: 100)
        let error = #expect(throws: NetworkFlagError.self) {
            try forwards("ftp:40000", "40050:1", ports: [range])
        }
        #expect(error?.description == "port tcp-0.0.0.0:40050 already mapped to pod port 30050")
    }

    @Test
    func mutatedValuesNeitherTrapNorHang() {
        var random = SeededGenerator(seed: 5)
        for seed in ["http:[fd00::1]:8080", "127.0.0.1:8080:80/udp"] {
            for _ in 0..<2000 {
                let bytes = mutated(Array(seed.utf8), using: &random)
                _ = try? PortRequest(String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
