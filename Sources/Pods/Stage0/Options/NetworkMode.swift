package import PodNetworking

/// The network of a pod.
package enum NetworkMode: Equatable, Sendable {
    /// Nothing but a loopback interface of its own.
    case none
    /// The host's.
    case host
    /// One interface in each of some networks, in the order in which their files are named.
    case networks([NetworkRequest])

    /// The decision that all values of `--net` make together.
    package init(_ values: [String]) throws(Stage0Error) {
        let items = values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        var requests: [(name: String, arguments: String)] = []
        for item in items {
            let parts = item.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { throw .flag("\"\(item)\" is not NAME[:K=V;...]") }
            let (name, arguments) = (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            guard !name.isEmpty else { throw .flag("netname must not be empty") }
            guard !requests.contains(where: { $0.name == name }) else {
                throw .flag("found duplicate netname \"\(name)\"")
            }
            if parts.count > 1, ["all", "host", "none"].contains(name) {
                throw .flag("arguments are not supported by special netname \"\(name)\"")
            }
            requests.append((name, arguments))
        }
        let names = requests.map(\.name)
        if names.contains("host") {
            self = .host
        } else if names.contains("none") {
            self = .none
        } else {
            self = .networks(try Self.requests(requests))
        }
    }

    /// The networks that were named, in the order of their files.
    private static func requests(
        _ named: [(name: String, arguments: String)]
    ) throws(Stage0Error) -> [NetworkRequest] {
        let takesAll = named.contains { $0.name == "all" }
        let unknown = named.map(\.name).filter { name in
            name != "all" && !BuiltInNetwork.all.contains { $0.name == name }
        }
        guard unknown.isEmpty else {
            throw .flag("networks not found: \(unknown.joined(separator: ", "))")
        }
        return BuiltInNetwork.all.compactMap { network in
            let own = named.first { $0.name == network.name }
            guard takesAll || own != nil else { return nil }
            return NetworkRequest(network, arguments: own?.arguments ?? "")
        }
    }
}
