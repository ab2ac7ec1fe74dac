import Addresses
import CNI
import JSON
import Testing

struct PluginRequestTests {
    private let network: NetworkConfiguration

    init() throws {
        network = try NetworkConfigurationTests.read(NetworkConfigurationTests.chain, .list)
    }

    private func document(_ request: PluginRequest, _ index: Int) throws -> JSON {
        try request.document(for: network.plugins[index])
    }

    @Test
    func pluginSeesItsOwnMembersAndTheNetworks() throws {
        let document = try document(PluginRequest(network, version: .v100), 0)
        #expect(
            document == [
                "type": "bridge", "bridge": "web0", "ipam": ["type": "host-local"],
                "cniVersion": "1.0.0", "name": "web",
            ]
        )
    }

    @Test
    func onlyDeclaredCapabilitiesAreTold() throws {
        var runtime = RuntimeConfiguration()
        runtime.portMappings = [.init(hostPort: 8080, containerPort: 80, protocol: "tcp")]
        runtime.addresses = ["10.0.0.9/24"]
        runtime.hardwareAddress = "02:00:00:00:00:01"
        let request = PluginRequest(network, version: .v100, runtime: runtime)
        #expect(try document(request, 0)["runtimeConfig"] == ["ips": ["10.0.0.9/24"]])
        #expect(
            try document(request, 1)["runtimeConfig"] == [
                "portMappings": [["hostPort": 8080, "containerPort": 80, "protocol": "tcp"]]
            ]
        )
        #expect(runtime.capabilities == ["portMappings", "ips", "mac"])
    }

    @Test
    func everyCapabilityIsToldAsTheConventionsSpellIt() throws {
        var runtime = RuntimeConfiguration()
        runtime.hardwareAddress = "02:00:00:00:00:01"
        runtime.portMappings = [
            .init(
                hostPort: 53,
                containerPort: 5353,
                protocol: "udp",
                hostAddress: IPAddress("::1")
            )
        ]
        var bandwidth = RuntimeConfiguration.Bandwidth()
        (bandwidth.ingressRate, bandwidth.ingressBurst) = (1_000_000, 2_000_000)
        runtime.bandwidth = bandwidth
        var names = NameService()
        (names.nameservers, names.search, names.options) = (["10.0.0.1"], ["a.test"], ["ndots:2"])
        runtime.nameService = names
        runtime.aliases = ["db", "rkt-1"]
        let all = try NetworkConfigurationTests.read(
            """
            {"name":"a","type":"b",
             "capabilities":{"portMappings":true,"mac":true,"bandwidth":true,"dns":true,"ips":true,"aliases":true}}
            """
        )
        let request = PluginRequest(all, version: .v100, runtime: runtime)
        #expect(
            try request.document(for: all.plugins[0])["runtimeConfig"] == [
                "portMappings": [
                    ["hostPort": 53, "containerPort": 5353, "protocol": "udp", "hostIP": "::1"]
                ],
                "mac": "02:00:00:00:00:01",
                "bandwidth": ["ingressRate": 1_000_000, "ingressBurst": 2_000_000],
                "dns": ["servers": ["10.0.0.1"], "searches": ["a.test"], "options": ["ndots:2"]],
                "aliases": ["db", "rkt-1"],
            ]
        )
        #expect(try RuntimeConfiguration(at: JSONCursor(runtime.json)) == runtime)
    }

    @Test
    func previousResultIsToldInTheVersionOfTheRequest() throws {
        var result = NetworkResult()
        result.addresses = [.init(try #require(IPPrefix("10.0.0.2/24")))]
        let request = PluginRequest(network, version: .v031, previous: result)
        let told = try document(request, 1)["prevResult"]
        #expect(told?["cniVersion"] == "0.3.1")
        #expect(told?["ips"] == [["version": "4", "address": "10.0.0.2/24"]])
    }

    /// A description must not speak for the runtime.
    @Test
    func reservedMembersAreNotTold() throws {
        let network = try NetworkConfigurationTests.read(
            #"{"name":"a","type":"b","prevResult":{},"cni.dev/valid-attachments":[],"own":1}"#
        )
        let document = try PluginRequest(network, version: .v110).document(for: network.plugins[0])
        #expect(document == ["type": "b", "own": 1, "cniVersion": "1.1.0", "name": "a"])
    }

    @Test
    func collectionNamesWhatToSpare() throws {
        let request = PluginRequest(
            collecting: network,
            version: .v110,
            sparing: [AttachmentName(containerID: "c", interface: "eth0")]
        )
        #expect(
            try document(request, 0)["cni.dev/valid-attachments"] == [
                ["containerID": "c", "ifname": "eth0"]
            ]
        )
    }
}
