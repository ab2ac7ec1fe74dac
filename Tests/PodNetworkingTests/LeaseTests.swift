import Addresses
import Linux
import PodLifecycle
import TestSupport
import Testing

@testable import PodNetworking

/// Which pod has which address.
@Suite struct LeaseTests {
    private let scratch: Scratch
    private let network = BuiltInNetwork.default

    init() throws { scratch = try Scratch() }

    private func leases(running: Set<PodUUID> = []) throws -> Leases {
        try Leases(of: network, in: Directory(path: scratch.path)) { running.contains($0) }
    }

    @Test func podsGetDifferentAddressesOfTheSubnet() throws {
        var seen: Set<IPAddress> = []
        var pods: Set<PodUUID> = []
        for _ in 0..<200 {
            let pod = PodUUID()
            pods.insert(pod)
            let address = try leases(running: pods).take(for: pod)
            #expect(network.subnet.contains(address) && address != network.gateway)
            #expect(seen.insert(address).inserted)
        }
    }

    @Test func anAddressOfARunningPodIsTaken() throws {
        let (first, second) = (PodUUID(), PodUUID())
        let address = try #require(IPAddress("172.16.20.1"))
        #expect(try leases().take(address, for: first) == nil)
        #expect(try leases(running: [first]).take(address, for: second) == first)
    }

    @Test func anAddressOfADeadPodIsTakenOver() throws {
        let (first, second) = (PodUUID(), PodUUID())
        let address = try #require(IPAddress("172.16.20.1"))
        #expect(try leases().take(address, for: first) == nil)
        #expect(try leases().take(address, for: second) == nil)
        #expect(try leases().all().map(\.holder) == [second])
    }

    @Test func onlyTheHolderGivesAnAddressBack() throws {
        let (first, second) = (PodUUID(), PodUUID())
        let address = try leases().take(for: first)
        try leases().remove(address, of: second)
        #expect(try leases().all().count == 1)
        try leases().remove(address, of: first)
        #expect(try leases().all().isEmpty)
    }

    @Test func collectingSparesRunningPods() throws {
        let (dead, running) = (PodUUID(), PodUUID())
        _ = try leases().take(for: dead)
        _ = try leases(running: [dead]).take(for: running)
        try leases(running: [running]).collect()
        #expect(try leases().all().map(\.holder) == [running])
    }

    @Test func twoThousandPodsHaveTwoThousandAddresses() throws {
        let pods = (0..<2000).map { _ in PodUUID() }
        let leases = try leases(running: Set(pods))
        var addresses: Set<IPAddress> = []
        for pod in pods { addresses.insert(try leases.take(for: pod)) }
        #expect(addresses.count == 2000)
    }

    @Test func aFullNetworkSaysSo() throws {
        let all = Set((0..<network.hostCount).compactMap { network.address($0) })
        #expect(all.count == 4093)
        #expect(throws: NetworkError.full(network: "default", network.subnet)) {
            _ = try leases().take(for: PodUUID(), except: all)
        }
    }
}
