/// A capability of `capabilities(7)`, by its kernel number.
package enum Capability: UInt8, CaseIterable, Sendable {
    case chown = 0
    case dacOverride
    case dacReadSearch
    case fowner
    case fsetid
    case kill
    case setgid
    case setuid
    case setpcap
    case linuxImmutable
    case netBindService
    case netBroadcast
    case netAdmin
    case netRaw
    case ipcLock
    case ipcOwner
    case sysModule
    case sysRawio
    case sysChroot
    case sysPtrace
    case sysPacct
    case sysAdmin
    case sysBoot
    case sysNice
    case sysResource
    case sysTime
    case sysTtyConfig
    case mknod
    case lease
    case auditWrite
    case auditControl
    case setfcap
    case macOverride
    case macAdmin
    case syslog
    case wakeAlarm
    case blockSuspend
    case auditRead
    case perfmon
    case bpf
    case checkpointRestore

    /// Finds a capability by the name appc and OCI use, for example `CAP_NET_RAW`.
    package init?(name: String) {
        guard let number = Self.names.firstIndex(where: { $0.description == name }) else {
            return nil
        }
        self.init(rawValue: UInt8(number))
    }

    /// The capability's place in a ``CapabilitySet``.
    var bit: UInt64 { 1 << UInt64(rawValue) }

    /// The kernel's name, for example `CAP_NET_RAW`.
    package var name: String { Self.names[Int(rawValue)].description }

    private static let names: [StaticString] = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID",
        "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
        "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
        "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
        "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
        "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE",
        "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
        "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ]
}
