internal import CNI

/// What the values of `--net` ask for.
package enum NetworkSelection: Equatable, Sendable {
    /// The host's own network.
    case host
    /// A network namespace with nothing but its loopback interface.
    case none
    /// An interface in each of some networks.
    case networks(NetworkChoice)

    /// The names that aren't names of networks.
    private static let special = ["all", "host", "none"]

    /// The decision that all values of `--net` make together: `host` wins over `none`, and that over names.
    package init(_ values: [String]) throws(NetworkFlagError) {
        var networks: [NamedNetwork] = []
        for value in values {
            for item in value.split(separator: ",", omittingEmptySubsequences: false) {
                let network = try NamedNetwork(item)
                guard !networks.contains(where: { $0.name == network.name }) else {
                    throw .duplicate(network.name)
                }
                if Self.special.contains(network.name), !network.arguments.isEmpty {
                    throw .specialArguments(network.name)
                }
                networks.append(network)
            }
        }
        let names = networks.map(\.name)
        if names.contains("host") {
            self = .host
        } else if names.contains("none") {
            self = .none
        } else {
            let isDefault = networks.isEmpty
            let choice = NetworkChoice(
                includesAll: names.contains("all"),
                networks: isDefault ? [.default] : networks.filter { $0.name != "all" }
            )
            self = .networks(choice)
        }
    }

    /// What a pod gets about which nothing is said.
    package static let `default` = NetworkSelection.networks(
        NetworkChoice(includesAll: false, networks: [.default])
    )
}

/// The networks that are asked for.
package struct NetworkChoice: Equatable, Sendable {
    /// Every network that is described, besides those that are named.
    package let includesAll: Bool
    /// Those that are named, each once.
    package let networks: [NamedNetwork]
}

/// One item of `--net`: `NAME[:K=V[;K2=V2…]]`.
package struct NamedNetwork: Equatable, Sendable {
    /// The network's name, or `all`, `host` or `none`.
    package let name: String
    /// What its plugins are told besides.
    package let arguments: NetworkArguments

    /// The network of pods that ask for none in particular.
    package static let `default` = NamedNetwork(name: "default", arguments: NetworkArguments())

    private init(name: String, arguments: NetworkArguments) {
        self.name = name
        self.arguments = arguments
    }

    init(_ item: Substring) throws(NetworkFlagError) {
        let parts = item.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].isEmpty else { throw .emptyName }
        guard let name = NetworkName(parts[0]) else { throw .name(String(parts[0])) }
        self.name = name.text
        arguments =
            parts.count > 1
            ? try NetworkArguments(parts[1], of: name.text) : NetworkArguments()
    }
}
