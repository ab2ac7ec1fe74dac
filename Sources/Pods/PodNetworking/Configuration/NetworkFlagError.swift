internal import JSON

/// What is wrong with the values of `--net` and `--port`.
package enum NetworkFlagError: Error, Equatable, CustomStringConvertible {
    /// A network without a name.
    case emptyName
    /// A text that can't be a network's name.
    case name(String)
    /// A network that is named twice.
    case duplicate(String)
    /// Arguments of a name that is no network's.
    case specialArguments(String)
    /// An argument that isn't one.
    case argument(network: String, String)
    /// A port's flag that isn't one.
    case port(String, reason: String)
    /// Several names for one thing, or none.
    case unknownPort(String)
    /// A port's name that several apps have.
    case ambiguousPort(String)
    /// A port of the host that would lead to two places.
    case conflict(String, pod: UInt16)

    package var description: String {
        switch self {
        case .emptyName: "netname must not be empty"
        case .name(let name): "\(quoted(name)) can't be the name of a network"
        case .duplicate(let name): "found duplicate netname \(quoted(name))"
        case .specialArguments(let name):
            "arguments are not supported by special netname \(quoted(name))"
        case .argument(let network, let text):
            "network \(quoted(network)): \(quoted(text)) is not an argument "
                + "(NAME:KEY=VALUE;KEY=VALUE, each key once; rates such as ingressRate=10M)"
        case .port(let text, let reason): "malformed port \(quoted(text)): \(reason)"
        case .unknownPort(let name): "port name \(quoted(name)) could not be found in any apps"
        case .ambiguousPort(let name): "port name \(quoted(name)) defined multiple apps"
        case .conflict(let port, let pod): "port \(port) already mapped to pod port \(pod)"
        }
    }
}
