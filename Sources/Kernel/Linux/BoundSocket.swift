internal import CLinux

extension Descriptor {
    /// A socket that takes a port of this host and no connection; a port that somebody has is `EADDRINUSE` (98).
    ///
    /// - Parameter address: 4 or 16 bytes; all zeros are all addresses of the version.
    ///
    /// The corresponding system calls are `socket` and `bind`.
    package static func bound(
        _ isDatagram: Bool,
        _ address: [UInt8],
        port: UInt16
    ) throws(Errno) -> Descriptor {
        Descriptor(
            owning: try check(
                unsafe linux_bind_port(isDatagram ? 1 : 0, address, address.count, port)
            )
        )
    }
}
