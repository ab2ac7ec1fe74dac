internal import CLinux

/// Restricts what this process can reach by path to what lies below some directories, for ever.
///
/// Descriptors that are open already keep working. It covers only the calling thread and threads that it starts later.
package struct Landlock: ~Copyable {
    /// The version of the kernel's interface, `nil` where there is none.
    package static var version: Int? {
        let version = linux_landlock_version()
        return version > 0 ? Int(version) : nil
    }

    // The bits of LANDLOCK_ACCESS_FS_*, by the version that brought them.
    private static let execute: UInt64 = 1 << 0
    private static let read: UInt64 = 1 << 2 | 1 << 3
    private static let makeBlockDevice: UInt64 = 1 << 11
    private static func files(version: Int) -> UInt64 {
        let bits =
            switch version {
            case 1: 13
            case 2: 14
            case 3, 4: 15
            default: 16
            }
        return (1 << bits) - 1
    }

    private let ruleset: Descriptor
    private let files: UInt64

    /// Rules that allow nothing yet: no file, no TCP, no signals and no abstract sockets beyond this process.
    ///
    /// The corresponding system call is `landlock_create_ruleset`.
    ///
    /// - Parameter connects: whether TCP connections to others are allowed all the same; accepting them isn't.
    package init(connects: Bool = false) throws(Errno) {
        let version = try check(linux_landlock_version())
        let files = Self.files(version: Int(version))
        let network: UInt64 = connects ? 0b01 : 0b11
        let number = try check(linux_landlock_create(files, network, 0b11, version))
        self.files = files
        ruleset = Descriptor(owning: number)
    }

    /// Allows everything below a directory but executing files and making block devices.
    ///
    /// The corresponding system call is `landlock_add_rule`.
    package func allow(_ directory: borrowing Directory) throws(Errno) {
        let allowed = files & ~(Self.execute | Self.makeBlockDevice)
        let number = directory.descriptor.number
        try check(linux_landlock_allow_beneath(ruleset.number, number, allowed))
    }

    /// Allows reading what lies below a directory.
    ///
    /// The corresponding system call is `landlock_add_rule`.
    package func allowReading(_ directory: borrowing Directory) throws(Errno) {
        let number = directory.descriptor.number
        try check(linux_landlock_allow_beneath(ruleset.number, number, Self.read))
    }

    /// Allows reading what lies below a directory and running it as a program.
    ///
    /// The corresponding system call is `landlock_add_rule`.
    package func allowExecuting(_ directory: borrowing Directory) throws(Errno) {
        let number = directory.descriptor.number
        let allowed = Self.read | Self.execute
        try check(linux_landlock_allow_beneath(ruleset.number, number, allowed))
    }

    /// Allows reading one file.
    ///
    /// The corresponding system call is `landlock_add_rule`.
    package func allowReading(_ file: borrowing Descriptor) throws(Errno) {
        try check(linux_landlock_allow_beneath(ruleset.number, file.number, 1 << 2))
    }

    /// Puts the rules into force; no_new_privs must be set.
    ///
    /// The corresponding system call is `landlock_restrict_self`.
    package consuming func enforce() throws(Errno) {
        try check(linux_landlock_restrict(ruleset.number))
    }
}
