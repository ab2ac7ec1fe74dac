/// How a file is opened, as in `open(2)`; close-on-exec and no-controlling-terminal are always added.
package struct OpenFlags: OptionSet, Sendable {
    package let rawValue: UInt64

    /// Flags from the kernel's bits.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let writeOnly = OpenFlags(rawValue: 0o1)
    package static let readWrite = OpenFlags(rawValue: 0o2)
    package static let create = OpenFlags(rawValue: 0o100)
    package static let exclusive = OpenFlags(rawValue: 0o200)
    package static let truncate = OpenFlags(rawValue: 0o1000)
    package static let append = OpenFlags(rawValue: 0o2000)
    package static let nonBlocking = OpenFlags(rawValue: 0o4000)
    package static let noFollow = OpenFlags(rawValue: 0o400000)
    /// Only a handle: nothing of the file can be read or written through it.
    package static let pathOnly = OpenFlags(rawValue: 0o10000000)
    #if arch(arm64)
    package static let directory = OpenFlags(rawValue: 0o40000)
    #else
    package static let directory = OpenFlags(rawValue: 0o200000)
    #endif
    static let always = OpenFlags(rawValue: 0o2000000 | 0o400)
}

/// How far a path may lead, as in `openat2(2)`.
package struct Resolution: OptionSet, Sendable {
    package let rawValue: UInt64

    /// A resolution from the kernel's bits.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let noMountCrossing = Resolution(rawValue: 0x01)
    package static let noMagicLinks = Resolution(rawValue: 0x02)
    package static let noSymbolicLinks = Resolution(rawValue: 0x04)
    package static let beneath = Resolution(rawValue: 0x08)
    package static let inRoot = Resolution(rawValue: 0x10)

    /// The directory is `/`: absolute paths, links and `..` stay inside it.
    package static let rooted: Resolution = [.inRoot, .noMagicLinks]
    /// Nothing but real names below the directory.
    package static let strict: Resolution = [.beneath, .noSymbolicLinks, .noMagicLinks]
}
