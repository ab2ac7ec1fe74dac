package import Addresses
internal import JSON

/// Why a network can't be made.
package enum NewNetworkError: Error, Equatable, CustomStringConvertible {
    /// A text that can't be a network's name.
    case name(String)
    /// There is one of that name.
    case exists(String, path: String)
    /// A subnet that isn't written with its first address.
    case notNetwork(IPPrefix)
    /// A subnet without room for a pod.
    case tooSmall(IPPrefix)
    /// A subnet of which no host can have addresses.
    case unusable(IPPrefix)
    /// Addresses of another network.
    case overlap(IPPrefix, network: String, IPPrefix)
    /// Addresses that the host reaches elsewhere.
    case route(IPPrefix, IPPrefix, interface: String)

    package var description: String {
        switch self {
        case .name(let name):
            "\(quoted(name)) can't be the name of a network (letters, digits and inner \"_.-\")"
        case .exists(let name, let path):
            "there is a network \(quoted(name)) in \(quoted(path)) (rkt network rm removes it)"
        case .notNetwork(let subnet): "\(subnet) is not a subnet (did you mean \(subnet.network)?)"
        case .tooSmall(let subnet): "\(subnet) has no room for a pod"
        case .unusable(let subnet): "\(subnet) is not for hosts"
        case .overlap(let subnet, let network, let other):
            "\(subnet) overlaps \(other) of the network \(quoted(network))"
        case .route(let subnet, let other, let interface):
            "\(subnet) overlaps \(other), which the host reaches through \(quoted(interface))"
        }
    }
}
