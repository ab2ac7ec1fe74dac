/// What may be done below a mount, as in `mount_setattr(2)`.
package struct MountAttributes: OptionSet, Sendable, Hashable {
    package let rawValue: UInt64

    /// Attributes from the kernel's bits.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let readOnly = MountAttributes(rawValue: 0x01)
    package static let noSetID = MountAttributes(rawValue: 0x02)
    package static let noDevices = MountAttributes(rawValue: 0x04)
    package static let noExecution = MountAttributes(rawValue: 0x08)
    package static let noSymbolicLinks = MountAttributes(rawValue: 0x20_0000)
}

/// One option of a file system, as `fsconfig(2)` takes it; an empty value is a flag.
package struct MountOption: Equatable, Sendable {
    package var key: String
    package var value: String

    /// An option with a value, or a flag.
    package init(_ key: String, _ value: String = "") {
        self.key = key
        self.value = value
    }
}
