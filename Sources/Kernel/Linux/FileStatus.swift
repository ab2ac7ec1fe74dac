internal import CLinux

/// What `statx(2)` says about a file.
package struct FileStatus: Sendable {
    /// What kind of file it is.
    package enum Kind: Sendable {
        case regular
        case directory
        case symbolicLink
        case characterDevice
        case blockDevice
        case fifo
        case socket
        case other
    }

    static let emptyPath: Int32 = 0x1000
    static let noFollow: Int32 = 0x100

    package let kind: Kind
    /// The twelve mode bits: permissions, set-id and sticky.
    package let permissions: UInt32
    package let uid: UInt32
    package let gid: UInt32
    package let links: UInt32
    package let size: UInt64
    /// Disk use in bytes.
    package let allocated: UInt64
    package let inode: UInt64
    /// Identifies the file system.
    package let device: UInt64
    package let deviceMajor: UInt32
    package let deviceMinor: UInt32
    package let modified: Time
    package let changed: Time
    package let mountID: UInt64

    init(directory: Int32, path: String, flags: Int32) throws(Errno) {
        var raw = linux_status()
        try check(unsafe linux_stat(directory, path, flags, &raw))
        kind =
            switch raw.mode & 0o170000 {
            case 0o100000: .regular
            case 0o040000: .directory
            case 0o120000: .symbolicLink
            case 0o020000: .characterDevice
            case 0o060000: .blockDevice
            case 0o010000: .fifo
            case 0o140000: .socket
            default: .other
            }
        permissions = raw.mode & 0o7777
        uid = raw.uid
        gid = raw.gid
        links = raw.links
        size = raw.size
        allocated = raw.blocks.multipliedReportingOverflow(by: 512).partialValue
        inode = raw.inode
        device = UInt64(raw.file_system_major) << 32 | UInt64(raw.file_system_minor)
        deviceMajor = raw.device_major
        deviceMinor = raw.device_minor
        modified = Time(seconds: raw.modified_seconds, nanoseconds: raw.modified_nanoseconds)
        changed = Time(seconds: raw.changed_seconds, nanoseconds: raw.changed_nanoseconds)
        mountID = raw.mount_id
    }
}
