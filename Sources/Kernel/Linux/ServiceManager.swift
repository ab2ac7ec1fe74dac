internal import CLinux

/// Whatever started this process as a service and waits to hear that it is ready (`man 3 sd_notify`).
package enum ServiceManager {
    /// A socket that takes one message a `write`; nil if nobody waits.
    ///
    /// The corresponding system calls are `socket(AF_UNIX, SOCK_DGRAM)` and `connect`.
    package static func socket() throws(Errno) -> Descriptor? {
        guard let path = Environment["NOTIFY_SOCKET"], !path.isEmpty else { return nil }
        return Descriptor(owning: try check(unsafe linux_connect_datagram(path)))
    }
}
