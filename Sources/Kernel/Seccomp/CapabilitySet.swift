/// A set of capabilities, one bit each, as `capset(2)` takes it.
package struct CapabilitySet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The set of the given capabilities.
    package init(_ capabilities: some Sequence<Capability>) {
        rawValue = capabilities.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    }

    /// True when the set has this one capability.
    package func contains(_ capability: Capability) -> Bool {
        rawValue & (1 << UInt64(capability.rawValue)) != 0
    }

    /// The members in the kernel's order.
    package var members: [Capability] {
        Capability.allCases.filter { contains($0) }
    }
}

extension CapabilitySet {
    /// Everything Linux 6.18 knows.
    package static let all = CapabilitySet(Capability.allCases)

    /// The fourteen an app has by the appc specification (§ Isolators) when its image says nothing.
    package static let appc: CapabilitySet = oci.union(
        CapabilitySet([.auditWrite, .mknod, .netRaw])
    )

    /// The eleven an OCI image's app gets: the appc set without raw sockets, devices and audit.
    package static let oci = CapabilitySet([
        .chown, .dacOverride, .fowner, .fsetid, .kill, .netBindService,
        .setfcap, .setgid, .setpcap, .setuid, .sysChroot,
    ])
}
