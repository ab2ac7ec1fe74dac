package import Addresses
package import Linux
package import Netlink

/// Why a pod can't have a network.
package enum NetworkError: Error, Equatable, CustomStringConvertible {
    /// The kernel refused something about interfaces, routes or rules.
    case kernel(NetlinkError)
    /// A step about namespaces, files or locks.
    case system(String, Errno)
    /// Another route of the host's already leads where the network would be.
    case clash(network: String, subnet: IPPrefix, with: IPPrefix, interface: String)
    /// Somebody else has the address that was asked for.
    case taken(IPAddress, holder: String)
    /// All addresses are in use.
    case full(network: String, IPPrefix)
    /// An argument of a network.
    case argument(network: String, String)
    /// A port of the host.
    case port(String, reason: String)
    /// An ordinary user asked for a network that only root can make.
    case unprivileged(network: String)
    /// Networks that nobody has described.
    case unknown([String])
    /// A plugin, or the description of its network.
    case plugin(network: String, reason: String)

    package var description: String {
        switch self {
        case .kernel(let error): "cannot set up the network: \(error)"
        case .system(let step, let error): "cannot \(step): \(error)"
        case .clash(let network, let subnet, let other, let interface):
            "the network \"\(network)\" is \(subnet), but the host's route to \(other) leads to \"\(interface)\"; "
                + "put another network of that name into net.d, or use --net=none or --net=host"
        case .taken(let address, let holder): "address \(address) is in use by \(holder)"
        case .full(let network, let subnet):
            "all addresses of the network \"\(network)\" (\(subnet)) are in use"
        case .argument(let network, let reason): "network \"\(network)\": \(reason)"
        case .port(let port, let reason): "port \(port): \(reason)"
        case .unprivileged(let network):
            "the network \"\(network)\" can be made by root only; use --net=none or --net=host"
        case .unknown(let names): "networks not found: \(names.joined(separator: ", "))"
        case .plugin(let network, let reason): "network \"\(network)\": \(reason)"
        }
    }
}

/// Runs one step; what the kernel refuses is reported with the step's name.
func step<Result: ~Copyable>(
    _ name: @autoclosure () -> String,
    _ body: () throws(Errno) -> Result
) throws(NetworkError) -> Result {
    do throws(Errno) {
        return try body()
    } catch {
        throw .system(name(), error)
    }
}

/// Passes on what the kernel refuses of netlink messages.
func kernel<Result: ~Copyable>(
    _ body: () throws(NetlinkError) -> Result
) throws(NetworkError) -> Result {
    do throws(NetlinkError) {
        return try body()
    } catch {
        throw .kernel(error)
    }
}
