/// What a pod or an app may use at most; nil is no limit.
package struct ResourceLimits: Equatable, Sendable {
    /// Bytes of memory.
    package var memory: UInt64?
    /// Thousandths of a processor.
    package var milliCPU: UInt64?
    /// Weight against other cgroups, 1024 being one share, as version 1 counts (2…262144).
    package var cpuShares: UInt64?
    /// Processes and threads.
    package var pids: UInt64?

    package init(
        memory: UInt64? = nil,
        milliCPU: UInt64? = nil,
        cpuShares: UInt64? = nil,
        pids: UInt64? = nil
    ) {
        self.memory = memory
        self.milliCPU = milliCPU
        self.cpuShares = cpuShares
        self.pids = pids
    }

    /// The limits of both; where both have one, the other's.
    func overridden(by other: ResourceLimits) -> ResourceLimits {
        ResourceLimits(
            memory: other.memory ?? memory,
            milliCPU: other.milliCPU ?? milliCPU,
            cpuShares: other.cpuShares ?? cpuShares,
            pids: other.pids ?? pids
        )
    }

    /// The controllers that enforce the limits.
    var controllers: [Controller] {
        var needed: [Controller] = []
        if pids != nil { needed.append(.pids) }
        if memory != nil { needed.append(.memory) }
        if milliCPU != nil || cpuShares != nil { needed.append(.cpu) }
        return needed
    }
}

extension ResourceLimits {
    /// The kernel's period of 100 ms; a quota below 1 ms is refused (`sched-bwc.rst`).
    private static let period: UInt64 = 100_000

    private var quota: UInt64? {
        // No machine has a million processors; the bound keeps the product in range.
        milliCPU.map { max(min($0, 1_000_000_000) * 100, 1000) }
    }

    /// The files of a version 1 hierarchy and what to write.
    func legacyFiles(_ controller: Controller) -> [(file: String, value: String)] {
        switch controller {
        case .devices: []
        case .pids: [("pids.max", pids)].present
        case .memory: [("memory.limit_in_bytes", memory)].present
        case .cpu: [("cpu.shares", cpuShares), ("cpu.cfs_quota_us", quota)].present
        }
    }

    /// The files of the version 2 hierarchy and what to write.
    func unifiedFiles(_ controller: Controller) -> [(file: String, value: String)] {
        switch controller {
        case .devices: []
        case .pids: [("pids.max", pids)].present
        case .memory: [("memory.max", memory)].present
        case .cpu:
            [("cpu.weight", cpuShares.map(Self.weight))].present
                + (quota.map { [("cpu.max", "\($0) \(Self.period)")] } ?? [])
        }
    }

    /// Maps shares 2…262144 onto weights 1…10000, as every engine and systemd do.
    static func weight(shares: UInt64) -> UInt64 {
        1 + (min(max(shares, 2), 262_144) - 2) * 9999 / 262_142
    }
}

extension [(String, UInt64?)] {
    fileprivate var present: [(file: String, value: String)] {
        compactMap { name, value in value.map { (name, String($0)) } }
    }
}
