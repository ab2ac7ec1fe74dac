/// How an unpacked tree is meant to be used.
package struct UnpackOptions: Sendable {
    /// Whom the files belong to.
    package enum Owners: Sendable {
        /// The numbers in the archive.
        case asArchived
        /// This process, for a user namespace that maps a single id.
        case unchanged
    }

    package var owners: Owners
    /// How many bytes the files may have together, holes included; `nil` is the free space less a reserve.
    package var expandedBytes: UInt64?
    /// How many entries there may be.
    package var entries = 2_000_000

    /// Options for one destination.
    package init(
        owners: Owners = .asArchived,
        expandedBytes: UInt64? = nil
    ) {
        self.owners = owners
        self.expandedBytes = expandedBytes
    }
}
