import Addresses
import PodLifecycle
import Testing

@testable import PodNetworking

@Suite struct BuiltInNetworkTests {
    @Test func networksAreOrderedByTheirFiles() {
        let names = BuiltInNetwork.all.map(\.fileName)
        #expect(names == names.sorted())
    }

    @Test func noPodGetsTheFirstTheLastOrTheHostsAddress() {
        for network in BuiltInNetwork.all {
            #expect(network.address(0) == nil)
            #expect(network.address(network.hostCount) == nil)
            let gateway = UInt32(network.gateway.value - network.subnet.network.address.value)
            #expect(network.address(gateway) == nil)
        }
    }

    @Test func aMachinesPrefixIsItsOwn() throws {
        let one = LocalPrefix(machineID: Array("0123".utf8))
        let other = LocalPrefix(machineID: Array("0124".utf8))
        let prefixes = [one, other].flatMap { local in
            BuiltInNetwork.all.map { local.prefix(of: $0) }
        }
        #expect(Set(prefixes).count == 4)
        let local = try #require(IPPrefix("fd00::/8"))
        #expect(prefixes.allSatisfy { local.contains($0.address) && $0.length == 64 })
    }

    @Test func bothVersionsHaveTheSameNumber() throws {
        let local = LocalPrefix(machineID: [])
        let four = try #require(IPAddress("172.16.16.5"))
        let six = local.address(beside: four, in: .default)
        #expect(six.value & 0xFFFF == 5)
        #expect(local.prefix(of: .default).contains(six))
    }

    @Test func namesFitTheKernelsLimit() throws {
        let uuid = try #require(PodUUID("8ea14e3f-1234-4abc-8def-0123456789ab"))
        let names = WireNames(uuid: uuid, network: .default, interface: 1)
        #expect(names.hostName == "rktn8ea14e3f121" && names.hostName.utf8.count == 15)
        #expect(names.podName == "eth1")
        // Locally administered, and no group's.
        #expect(names.hostHardware.first == 0x02 && names.podHardware.first == 0x06)
        let next = WireNames(uuid: uuid, network: .restricted, interface: 2)
        #expect(next.hostName != names.hostName && next.podHardware != names.podHardware)
    }
}
