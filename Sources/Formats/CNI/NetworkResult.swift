package import Addresses

/// What plugins made of an interface, whatever the version they told it in.
package struct NetworkResult: Sendable, Hashable {
    /// The interfaces, of the pod and of the host.
    package var interfaces: [Interface] = []
    /// The addresses of the pod.
    package var addresses: [Address] = []
    /// The routes of the pod.
    package var routes: [Route] = []
    /// How the pod finds names.
    package var nameService = NameService()

    /// An interface.
    package struct Interface: Sendable, Hashable {
        /// Its name.
        package var name: String
        /// Its hardware address.
        package var hardwareAddress: String?
        /// The path of the network namespace it is in; nil is the host's.
        package var sandbox: String?
        /// The longest packet, if it is told.
        package var mtu: UInt32?
        /// A socket that stands for the interface.
        package var socketPath: String?
        /// The device behind the interface.
        package var deviceID: String?

        /// Makes an interface.
        package init(name: String, hardwareAddress: String? = nil, sandbox: String? = nil) {
            self.name = name
            self.hardwareAddress = hardwareAddress
            self.sandbox = sandbox
        }
    }

    /// An address of the pod.
    package struct Address: Sendable, Hashable {
        /// The address and the length of its network's prefix.
        package var prefix: IPPrefix
        /// The router of its network.
        package var gateway: IPAddress?
        /// The place of its interface in the list.
        package var interface: Int?

        /// Makes an address.
        package init(_ prefix: IPPrefix, gateway: IPAddress? = nil, interface: Int? = nil) {
            self.prefix = prefix
            self.gateway = gateway
            self.interface = interface
        }
    }

    /// A route of the pod.
    package struct Route: Sendable, Hashable {
        /// Where it leads.
        package var destination: IPPrefix
        /// The router; nil is the network's.
        package var gateway: IPAddress?
        package var mtu: UInt32?
        package var advertisedSegmentSize: UInt32?
        package var priority: UInt32?
        package var table: UInt32?
        package var scope: UInt32?

        /// Makes a route.
        package init(_ destination: IPPrefix, gateway: IPAddress? = nil) {
            self.destination = destination
            self.gateway = gateway
        }
    }

    /// A result in which there is nothing yet.
    package init() {}
}

/// How a pod finds names, as `resolv.conf(5)` tells it.
package struct NameService: Sendable, Hashable {
    /// Addresses of servers.
    package var nameservers: [String] = []
    /// The local domain.
    package var domain: String?
    /// Domains to search, the first one first.
    package var search: [String] = []
    /// Options of the resolver.
    package var options: [String] = []

    /// Says nothing.
    package init() {}

    /// Whether nothing is said.
    package var isEmpty: Bool {
        nameservers.isEmpty && domain == nil && search.isEmpty && options.isEmpty
    }
}
