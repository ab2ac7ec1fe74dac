package import Linux
internal import Netlink
package import PodLifecycle

/// Giving back what pods that were killed, or that a reboot ended, have left of their networks.
package struct NetworkCollection {
    private let isRunning: (PodUUID) -> Bool

    /// A collection that spares running pods.
    package init(isRunning: @escaping (PodUUID) -> Bool) { self.isRunning = isRunning }

    /// Collects in a data directory, and on the host that this process is on.
    ///
    /// Without the directory of networks no pod of this data directory has ever been on one.
    package func collect(in data: borrowing Directory) throws(NetworkError) {
        if data.contains(NetworkNames.directory) {
            try NetworkNames(in: data, isRunning: isRunning).collect()
        }
        guard data.contains(Leases.directory) else { return }
        for network in BuiltInNetwork.all
        where data.contains("\(Leases.directory)/\(network.name)") {
            try Leases(of: network, in: data, isRunning: isRunning).collect()
        }
        try kernel { () throws(NetlinkError) in try HostPorts.collect() }
        if let host = try UnusedHost.take() { try host.removeTable() }
    }
}
