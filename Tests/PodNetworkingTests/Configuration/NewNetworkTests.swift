import Addresses
import CNI
import JSON
import PodNetworking
import TestSupport
import Testing

struct NewNetworkTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func network(
        _ name: String,
        _ subnets: String...,
        isInternal: Bool = false
    ) throws -> NewNetwork {
        try NewNetwork(
            name,
            subnets: subnets.map { try #require(IPPrefix($0)) },
            isInternal: isInternal,
            beside: NetworkCatalog(configuration: scratch.path)
        )
    }

    @Test
    func descriptionIsWhatOneWouldWriteByHand() throws {
        let network = try network("web", "10.20.0.0/24", "fd20::/64")
        #expect(
            network.document == [
                "cniVersion": "1.0.0",
                "name": "web",
                "plugins": [
                    [
                        "type": "bridge", "bridge": "rkt-web", "isGateway": true, "ipMasq": true,
                        "hairpinMode": true, "capabilities": ["ips": true, "mac": true],
                        "ipam": [
                            "type": "host-local",
                            "ranges": [[["subnet": "10.20.0.0/24"]], [["subnet": "fd20::/64"]]],
                            "routes": [["dst": "0.0.0.0/0"], ["dst": "::/0"]],
                        ],
                    ],
                    ["type": "portmap", "capabilities": ["portMappings": true]],
                    ["type": "firewall"],
                ],
            ]
        )
        let read = try NetworkConfiguration(document: network.document)
        #expect(read.capabilities == ["ips", "mac", "portMappings"])
        #expect(read.subnets == network.subnets)
        #expect(read.bridges == ["rkt-web"])
    }

    @Test
    func internalNetworkLeadsNowhere() throws {
        let network = try network("vault", "10.20.0.0/24", isInternal: true)
        let text = network.document.encoded()
        for word in ["isGateway", "ipMasq", "routes", "portmap"] { #expect(!text.contains(word)) }
    }

    @Test
    func bridgesOfLongNamesDiffer() throws {
        let long = String(repeating: "a", count: 60)
        let names = try [long + "1", long + "2"].map { try network($0, "10.20.0.0/24").bridge }
        #expect(names[0] != names[1])
        #expect(names.allSatisfy { $0.utf8.count == 15 })
        #expect(try network("elevenchars", "10.20.0.0/24").bridge == "rkt-elevenchars")
    }

    @Test(arguments: [
        ("a", "10.20.0.1/24", "did you mean 10.20.0.0/24?"), ("a", "10.20.0.0/31", "no room"),
        ("a", "fd00::/127", "no room"), ("a", "127.0.0.0/16", "not for hosts"),
        ("a", "224.0.0.0/8", "not for hosts"), ("a", "0.0.0.0/0", "not for hosts"),
        ("a", "172.31.9.0/24", "overlaps 172.31.0.0/16 of the network \"default-restricted\""),
        ("../a", "10.20.0.0/24", "can't be the name"), ("all", "10.20.0.0/24", "can't be the name"),
    ])
    func wrongNetworkIsRefused(name: String, subnet: String, text: String) {
        let error = #expect(throws: NewNetworkError.self) { try network(name, subnet) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }

    @Test
    func networksOfFilesCount() throws {
        try scratch.write(
            #"{"name":"a","type":"x","ipam":{"type":"y","ranges":[[{"subnet":"10.20.0.0/16"}]]}}"#,
            to: "net.d/a.conf"
        )
        #expect(throws: NewNetworkError.self) { try network("a", "10.30.0.0/24") }
        #expect(throws: NewNetworkError.self) { try network("b", "10.20.7.0/24") }
        #expect(try network("b", "10.30.0.0/24").name.text == "b")
        #expect(try network("default", "10.31.0.0/24").name.text == "default")
    }

    @Test
    func randomSubnetIsLocal() {
        let subnet = NewNetwork.localSubnet(random: [1, 2, 3, 4, 5])
        #expect(subnet?.description == "fd01:203:405::/64")
    }
}
