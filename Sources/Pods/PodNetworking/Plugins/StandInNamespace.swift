internal import Addresses
internal import Linux
internal import Netlink

/// A network namespace that stands in for a pod's when that is gone.
///
/// Plugins that masquerade look up which addresses the pod's interface has before they remove the rules for them; without
/// the interface they leave the rules behind. So a deletion gets to see an interface of the same name with the same
/// addresses: nothing of the pod has to be kept alive until then, and it works after kill -9 as after a reboot.
struct StandInNamespace: ~Copyable {
    private let namespace: Descriptor

    /// Lends a path that works for whoever this process starts meanwhile.
    func lend<Failure: Error>(_ body: (String) throws(Failure) -> Void) throws(Failure) {
        try body("/proc/\(CurrentProcess.pid)/fd/\(namespace.number)")
    }

    /// Makes one with an interface.
    init(_ interface: String, _ addresses: [IPPrefix]) throws(NetworkError) {
        namespace = try Self.make(interface, addresses) { () throws(Errno) in
            try CurrentProcess.unshare(.network)
        }
    }

    /// Makes the namespace of a pod that has ended what it was: a pod may have renamed its interface or dropped addresses.
    static func complete(
        _ namespace: String,
        _ interface: String,
        _ addresses: [IPPrefix]
    ) throws(NetworkError) {
        _ = try make(interface, addresses) { () throws(Errno) in
            try CurrentProcess.join(Descriptor.open(namespace), .network)
        }
    }

    private static func make(
        _ interface: String,
        _ addresses: [IPPrefix],
        entering enter: () throws(Errno) -> Void
    ) throws(NetworkError) -> Descriptor {
        let own = try step("open the host's network namespace") { () throws(Errno) in
            try Descriptor.open(current)
        }
        let made = try step("enter a network namespace") { () throws(Errno) in
            try enter()
            return try Descriptor.open(current)
        }
        let result: Result<Void, NetlinkError>
        do throws(NetlinkError) {
            try make(interface, addresses, in: made.number)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try step("go back to the host's network namespace") { () throws(Errno) in
            try CurrentProcess.join(own, .network)
        }
        try kernel { () throws(NetlinkError) in try result.get() }
        return made
    }

    /// A process's threads may be in different namespaces.
    private static let current = "/proc/thread-self/ns/net"

    /// A wire whose ends both are in this namespace: nothing that is sent gets anywhere.
    private static func make(
        _ interface: String,
        _ addresses: [IPPrefix],
        in namespace: Int32
    ) throws(NetlinkError) {
        var socket = try NetlinkSocket(.route)
        let wire = VethPair(
            here: .init(name: interface, hardware: [2, 0, 0, 0, 0, 1]),
            there: .init(name: "nobody", hardware: [2, 0, 0, 0, 0, 2]),
            namespace: namespace
        )
        if try socket.link(named: interface) == nil { try socket.perform([.make(wire)]) }
        let index = try socket.index(of: interface)
        for address in addresses {
            let own = InterfaceAddress(
                interface: index,
                address: address.address.bytes,
                prefix: UInt8(address.length)
            )
            // It may have the address still, and a host without version 6 of IP has no rules for it either.
            try? socket.perform([.add(own)])
        }
    }
}
