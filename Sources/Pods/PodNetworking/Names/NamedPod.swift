internal import Addresses
internal import CNI
package import PodLifecycle

/// A pod by its names and its addresses in networks whose pods may know each other.
package struct NamedPod {
    package let uuid: PodUUID
    /// The name that was chosen for it, in lower case; empty if it is made of a UUID or can't be a pod's.
    package let hostname: String
    /// Names that mean the same to everybody.
    private static let reserved = [
        "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback",
    ]

    private let places: [(network: String, address: IPAddress)]

    /// A pod on networks.
    ///
    /// - Parameter hostname: the pod's name for itself.
    package init(_ uuid: PodUUID, hostname: String, on attachments: [Attachment]) {
        self.uuid = uuid
        let name = hostname.lowercased()
        // What is made of a UUID is only ever that pod's.
        let isReserved =
            Self.reserved.contains(name) || name.utf8.count > 64 || name.contains("#")
            || name.hasPrefix("rkt-") && PodUUID(name.dropFirst(4)) != nil
        self.hostname = isReserved ? "" : name
        // Pods of this network reach the host and nobody else.
        let isolated = BuiltInNetwork.restricted.name
        places = attachments.filter { $0.network != isolated || !$0.plugin.isEmpty }
            .flatMap { attachment in
                attachment.addresses.map { (attachment.network, $0.address) }
            }
    }

    /// The networks that it has an address in.
    var networks: Set<String> { Set(places.map(\.network)) }

    /// Whether others can know it.
    package var isSociable: Bool { !places.isEmpty }

    /// Lines that call the pod's addresses by its host name.
    var ownLines: [String] { places.map { "\($0.address) \(hostname)" } }

    /// The rows that an audience may see.
    ///
    /// - Parameter isListed: whether the host name is this pod's.
    func rows(for audience: NameAudience, isListed: Bool) -> [NameRow] {
        places.filter { audience.networks.contains($0.network) }
            .map {
                NameRow(address: $0.address, hostname: isListed ? hostname : "", uuid: uuid)
            }
    }
}

/// Who has a file of names: the pods on exactly these networks, or a single one of them.
///
/// The file's name tells: `NETWORK+NETWORK…`, and behind it `@UUID`.
struct NameAudience: Equatable {
    let networks: Set<String>
    let owner: PodUUID?

    /// File names have 255 bytes, and an owner needs 37: networks that have no room are left out.
    private static let longest = NetworkName.longest

    init(_ networks: Set<String>, of owner: PodUUID? = nil) {
        var length = 0
        let fitting = networks.sorted().prefix { network in
            length += network.utf8.count + 1
            return length <= Self.longest + 1
        }
        self.networks = Set(fitting)
        self.owner = owner
    }

    /// Reads a file's name.
    init?(_ fileName: String) {
        let parts = fileName.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, !first.isEmpty else { return nil }
        networks = Set(first.split(separator: "+").map(String.init))
        owner = parts.count == 2 ? PodUUID(parts[1]) : nil
    }

    var fileName: String {
        networks.sorted().joined(separator: "+") + (owner.map { "@\($0)" } ?? "")
    }
}
