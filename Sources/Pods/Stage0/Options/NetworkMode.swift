package import PodNetworking

/// The network of a pod.
package enum NetworkMode: Equatable, Sendable {
    /// Nothing but a loopback interface of its own.
    case none
    /// The host's.
    case host
    /// One interface in each of some networks.
    case networks([ChosenNetwork])

    /// What was asked for, as this host has it.
    package init(
        _ selection: NetworkSelection,
        in catalog: () throws(NetworkCatalogError) -> NetworkCatalog
    ) throws(NetworkCatalogError) {
        self =
            switch selection {
            case .none: .none
            case .host: .host
            case .networks(let choice): .networks(try catalog().choose(choice))
            }
    }
}
