/// A set of capabilities, one bit each, as `capset(2)` takes it.
package struct CapabilitySet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The set of the given capabilities.
    package init(_ capabilities: some Sequence<Capability>) {
        rawValue = capabilities.reduce(0) { $0 | $1.bit }
    }

    /// True when the set has this one capability.
    package func contains(_ capability: Capability) -> Bool {
        rawValue & capability.bit != 0
    }

    /// The members in the kernel's order.
    package var members: [Capability] {
        Capability.allCases.filter { contains($0) }
    }
}

extension CapabilitySet {
    // Spelled as bits, so that the compiler makes constants of them: every start of a pod reads them.

    /// Everything Linux 6.18 knows.
    package static let all = CapabilitySet(rawValue: Capability.checkpointRestore.bit << 1 - 1)

    /// The fourteen an app has by the appc specification (§ Isolators) when its image says nothing.
    package static let appc = CapabilitySet(
        rawValue: oci.rawValue | Capability.auditWrite.bit | Capability.mknod.bit
            | Capability.netRaw.bit
    )

    /// The eleven an OCI image's app gets: the appc set without raw sockets, devices and audit.
    package static let oci = CapabilitySet(
        rawValue: Capability.chown.bit | Capability.dacOverride.bit | Capability.fowner.bit
            | Capability.fsetid.bit | Capability.kill.bit | Capability.netBindService.bit
            | Capability.setfcap.bit | Capability.setgid.bit | Capability.setpcap.bit
            | Capability.setuid.bit | Capability.sysChroot.bit
    )
}
