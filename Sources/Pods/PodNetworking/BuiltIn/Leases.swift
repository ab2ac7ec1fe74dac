package import Addresses
package import Linux
package import PodLifecycle

/// Which pod has which address of a network: symbolic links `networks/NAME/ADDRESS` to UUIDs in the data directory.
///
/// Making a link is one call that either succeeds or says that the name is there, so of any number of starts at once only
/// one gets an address. A lease holds as long as its pod runs; what a killed pod leaves is taken over by the next one that
/// comes by, so nobody has to tidy up first. Only who holds the directory's lock may take a link away from a dead pod.
///
/// Pods of another data directory on the same host are told by the kernel, which has one route for one address.
package struct Leases: ~Copyable {
    private let network: BuiltInNetwork
    private let directory: Directory
    /// Whether a pod of this data directory runs, or is being started.
    private let isRunning: (PodUUID) -> Bool

    /// The directory of all networks, in the data directory.
    package static let directory = "networks"

    /// The leases of a network.
    package init(
        of network: BuiltInNetwork,
        in data: borrowing Directory,
        isRunning: @escaping (PodUUID) -> Bool
    ) throws(NetworkError) {
        self.network = network
        self.isRunning = isRunning
        directory = try step("open the leases of \"\(network.name)\"") { () throws(Errno) in
            let path = "\(Self.directory)/\(network.name)"
            do throws(Errno) {
                return try data.directory(path)
            } catch {
                guard error == .noSuchFile else { throw error }
                return try data.makingDirectories(path, mode: 0o700)
            }
        }
    }

    /// The file of a lease, from the pod's directory.
    package static func file(_ address: IPAddress, network: BuiltInNetwork) -> String {
        "../../../\(directory)/\(network.name)/\(address)"
    }

    /// Takes an address that no running pod has, except for some.
    package func take(
        for uuid: PodUUID,
        except others: Set<IPAddress> = []
    ) throws(NetworkError) -> IPAddress {
        let count = network.hostCount
        // Pods start looking at different places: nobody gets the address of a pod that has just ended, and two that
        // start together rarely meet.
        let start = UInt32(uuid.description.prefix(8), radix: 16) ?? 0
        for step in 0..<count {
            guard let address = network.address((start % count &+ step) % count),
                !others.contains(address)
            else { continue }
            if try take(address, for: uuid) == nil { return address }
        }
        throw .full(network: network.name, network.subnet)
    }

    /// Takes the address that is wanted, or else any.
    func take(
        _ wanted: IPAddress?,
        for uuid: PodUUID,
        except others: Set<IPAddress>
    ) throws(NetworkError) -> IPAddress {
        guard let wanted else { return try take(for: uuid, except: others) }
        if let holder = try take(wanted, for: uuid) {
            throw .taken(wanted, holder: "pod \"\(holder)\"")
        }
        return wanted
    }

    /// Takes one address.
    ///
    /// - Returns: the running pod that has it, or nil.
    package func take(_ address: IPAddress, for uuid: PodUUID) throws(NetworkError) -> PodUUID? {
        while true {
            if try make(address, uuid) { return nil }
            guard let holder = try holder(of: address) else { continue }
            if isRunning(holder) { return holder }
            try remove(address, of: holder)
        }
    }

    private func make(_ address: IPAddress, _ uuid: PodUUID) throws(NetworkError) -> Bool {
        try step("lease the address \(address)") { () throws(Errno) in
            do throws(Errno) {
                try directory.makeSymbolicLink(address.description, to: uuid.description)
                return true
            } catch {
                guard error == .exists else { throw error }
                return false
            }
        }
    }

    /// The pod that has an address; nil when the lease has just been given back.
    private func holder(of address: IPAddress) throws(NetworkError) -> PodUUID? {
        guard let text = try? directory.readSymbolicLink(address.description) else { return nil }
        if let uuid = PodUUID(text) { return uuid }
        throw .system("read the lease of \(address)", .invalidArgument)
    }

    /// Gives an address back, if it is (still) this pod's.
    package func remove(_ address: IPAddress, of uuid: PodUUID) throws(NetworkError) {
        try step("give back the address \(address)") { () throws(Errno) in
            // An open file description of its own: a lock on a shared one would be no lock.
            let lock = try directory.open(".", .directory)
            try lock.lock(.exclusive)
            guard let text = try? directory.readSymbolicLink(address.description),
                text == uuid.description
            else { return }
            try directory.remove(address.description)
        }
    }

    /// All leases.
    package func all() throws(NetworkError) -> [(address: IPAddress, holder: PodUUID)] {
        let names = try step("list the leases of \"\(network.name)\"") { () throws(Errno) in
            try directory.entries().map(\.name)
        }
        return names.compactMap { name in
            guard let address = IPAddress(name),
                let text = try? directory.readSymbolicLink(name), let uuid = PodUUID(text)
            else { return nil }
            return (address, uuid)
        }
    }

    /// Gives back what pods that don't run any more still have.
    package func collect() throws(NetworkError) {
        for lease in try all() where !isRunning(lease.holder) {
            try remove(lease.address, of: lease.holder)
        }
    }
}
