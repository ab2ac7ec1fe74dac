internal import Addresses
internal import Linux

/// What the host offers to pods' networks.
package struct NetworkHost: Equatable, Sendable {
    /// The host uses version 6 of IP.
    package let hasVersion6: Bool
    package let prefix: LocalPrefix

    /// A host with or without version 6.
    package init(hasVersion6: Bool, prefix: LocalPrefix) {
        self.hasVersion6 = hasVersion6
        self.prefix = prefix
    }

    /// This host, in the network namespace that rkt was started in.
    package static func current() -> NetworkHost {
        let settings = "/proc/sys/net/ipv6/conf/"
        let hasVersion6 = ["all", "default"].allSatisfy { name in
            let value = try? readHostFile("\(settings)\(name)/disable_ipv6", limit: 16)
            return value?.first == UInt8(ascii: "0")
        }
        let id = (try? readHostFile("/etc/machine-id", limit: 64)) ?? []
        return NetworkHost(hasVersion6: hasVersion6, prefix: LocalPrefix(machineID: id))
    }
}
