package import Linux
internal import Netlink

/// The host's network namespace, in use by a pod.
///
/// Every pod on a network holds a shared lock on the namespace itself, through its supervisor. Who gets an exclusive one
/// is alone, and removes the table. The kernel drops the lock with the last holder's life, so nothing needs counting.
package struct HostUse: ~Copyable {
    /// The namespace, locked; it goes on to the supervisor.
    package let namespace: Descriptor

    /// Enters the namespace into use by this process and those that inherit the descriptor.
    package init() throws(NetworkError) {
        namespace = try step("use the host's network namespace") { () throws(Errno) in
            let namespace = try Descriptor.open("/proc/self/ns/net")
            try namespace.lock(.shared)
            return namespace
        }
    }

    /// Gives up the handle for the descriptor behind it.
    consuming func intoDescriptor() -> Descriptor { namespace }

    /// Makes the host's table if it isn't there.
    ///
    /// - Returns: whether it wasn't.
    func makeTable(_ prefix: LocalPrefix) throws(NetworkError) -> Bool {
        try kernel { () throws(NetlinkError) in
            var socket = try NetlinkSocket(.filter)
            if try socket.has(table: HostTable.name) { return false }
            do throws(NetlinkError) {
                try socket.change(HostTable(prefix).creation)
            } catch {
                // Somebody else was quicker; theirs is complete.
                guard error.error == .exists else { throw error }
            }
            return true
        }
    }
}

/// The host's network namespace while no pod, of whatever data directory, is on a network: none can begin to be before this
/// is gone.
package struct UnusedHost: ~Copyable {
    private let namespace: Descriptor

    private init(_ namespace: consuming Descriptor) { self.namespace = namespace }

    /// Takes the host to oneself; nil if a pod is on a network.
    package static func take() throws(NetworkError) -> UnusedHost? {
        let namespace = try step("look at the host's network namespace") { () throws(Errno) in
            try Descriptor.open("/proc/self/ns/net")
        }
        let isUnused = try step("lock the host's network namespace") { () throws(Errno) in
            try namespace.tryLock(.exclusive)
        }
        return isUnused ? UnusedHost(namespace) : nil
    }

    /// Removes the table if it is there.
    func removeTable() throws(NetworkError) {
        try kernel { () throws(NetlinkError) in
            var socket = try NetlinkSocket(.filter)
            guard try socket.has(table: HostTable.name) else { return }
            try socket.change(HostTable.removal)
        }
    }
}

extension NetlinkSocket {
    mutating func has(table: String) throws(NetlinkError) -> Bool {
        do throws(NetlinkError) {
            _ = try ask(.table(table))
            return true
        } catch {
            guard error.error == .noSuchFile else { throw error }
            return false
        }
    }
}
