/// A network that a pod will be on.
package struct ChosenNetwork: Equatable, Sendable {
    /// What describes it.
    package let entry: NetworkCatalog.Entry
    /// The interface in the pod.
    package let interface: String
    /// What its plugins are told besides.
    package let arguments: NetworkArguments
}

extension NetworkCatalog {
    /// The networks of a choice, with `eth0` in the first one by the order of their files.
    package func choose(_ choice: NetworkChoice) throws(NetworkCatalogError) -> [ChosenNetwork] {
        let missing = choice.networks.map(\.name).filter { name in
            !entries.contains { $0.name == name }
        }
        guard missing.isEmpty else { throw .notFound(missing, broken: broken) }
        guard !choice.includesAll || broken.isEmpty else { throw .broken(broken) }
        return
            entries
            .compactMap { entry -> (Entry, NetworkArguments)? in
                let named = choice.networks.first { $0.name == entry.name }
                guard named != nil || choice.includesAll else { return nil }
                return (entry, named?.arguments ?? NetworkArguments())
            }
            .enumerated()
            .map { index, network in
                ChosenNetwork(
                    entry: network.0,
                    interface: "eth\(index)",
                    arguments: network.1
                )
            }
    }
}
