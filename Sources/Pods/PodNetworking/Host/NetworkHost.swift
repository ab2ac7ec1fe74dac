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

    /// Lets the host pass on packets between its interfaces.
    func forward() throws(NetworkError) {
        try set("/proc/sys/net/ipv4/ip_forward")
        guard hasVersion6 else { return }
        let setting = "/proc/sys/net/ipv6/conf/all/forwarding"
        guard try !isOn(setting) else { return }
        try keepAdvertisedRoutes()
        try set(setting)
    }

    /// A host that forwards ignores the advertisements by which it may have its own default route, unless told otherwise
    /// (`accept_ra` in the kernel's ip-sysctl).
    private func keepAdvertisedRoutes() throws(NetworkError) {
        try step("look at the host's interfaces") { () throws(Errno) in
            let settings = try Directory(path: "/proc/sys/net/ipv6/conf")
            for interface in try settings.entries() where interface.name != "all" {
                let file = "\(interface.name)/accept_ra"
                guard (try? settings.readFile(file, limit: 16))?.first == UInt8(ascii: "1")
                else { continue }
                try? settings.open(file, .writeOnly).write(Array("2".utf8))
            }
        }
    }

    private func isOn(_ setting: String) throws(NetworkError) -> Bool {
        try step("read \"\(setting)\"") { () throws(Errno) in
            try readHostFile(setting, limit: 16).first == UInt8(ascii: "1")
        }
    }

    private func set(_ setting: String) throws(NetworkError) {
        guard try !isOn(setting) else { return }
        try step("set \"\(setting)\"") { () throws(Errno) in
            try Descriptor.open(setting, .writeOnly).write(Array("1".utf8))
        }
    }
}
