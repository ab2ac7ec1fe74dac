internal import CLinux

/// Capabilities by number, as in `capabilities(7)`.
package struct CapabilitySet: OptionSet, Sendable {
    package let rawValue: UInt64

    /// Capabilities from the kernel's bits.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let changeOwner = CapabilitySet(rawValue: 1 << 0)
    package static let overrideAccess = CapabilitySet(rawValue: 1 << 1)
    package static let actAsOwner = CapabilitySet(rawValue: 1 << 3)
    package static let keepSetID = CapabilitySet(rawValue: 1 << 4)
    package static let makeDevices = CapabilitySet(rawValue: 1 << 27)
    package static let setFileCapabilities = CapabilitySet(rawValue: 1 << 31)
}

extension CurrentProcess {
    /// What this thread may use at present.
    ///
    /// The corresponding system call is `capget`.
    package static func capabilities() throws(Errno) -> CapabilitySet {
        var permitted: UInt64 = 0
        try check(unsafe linux_get_capabilities(&permitted))
        return CapabilitySet(rawValue: permitted)
    }

    /// Gives up every capability but these, for this thread and what it starts; what isn't held stays so.
    ///
    /// The bounding and ambient sets shrink too, so no program that is executed can get them back.
    /// The corresponding system calls are `capset` and `prctl(PR_CAPBSET_DROP)`.
    package static func keepCapabilities(_ kept: CapabilitySet) throws(Errno) {
        // Only who holds CAP_SETPCAP can shrink the bounding set; with no_new_privs nobody else needs to.
        for number in 0..<64 where kept.rawValue & 1 << UInt64(number) == 0 {
            _ = linux_prctl(24, UInt(number), 0, 0, 0)
        }
        _ = linux_prctl(47, 4, 0, 0, 0)
        let held = try capabilities()
        try check(linux_set_capabilities(held.intersection(kept).rawValue))
    }

    /// Forbids getting privileges by executing a program, for ever.
    ///
    /// The corresponding system call is `prctl(PR_SET_NO_NEW_PRIVS)`.
    package static func forbidNewPrivileges() throws(Errno) {
        try check(linux_prctl(38, 1, 0, 0, 0))
    }

    /// A limit of this process, by its number in `getrlimit(2)`.
    package enum ResourceLimit: Int32, Sendable {
        case processorTime = 0
        case fileSize = 1
        case coreSize = 4
        case addressSpace = 9
    }

    /// Lowers a limit, soft and hard; one that is lower already stays.
    ///
    /// The corresponding system call is `setrlimit`.
    package static func lower(_ limit: ResourceLimit, to value: UInt64) throws(Errno) {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        try check(unsafe linux_getrlimit(limit.rawValue, &soft, &hard))
        try check(linux_setrlimit(limit.rawValue, min(soft, value), min(hard, value)))
    }
}
