/// How an unpacked tree is meant to be used.
package struct UnpackOptions: Sendable {
    /// Whom the files belong to.
    package enum Owners: Sendable {
        /// The numbers in the archive.
        case asArchived
        /// This process, for a user namespace that maps a single id.
        case unchanged
    }

    /// The kind of extended attributes by which overlayfs is told about opaque directories.
    package enum OverlayAttributes: Sendable {
        /// `trusted.overlay.*`, what overlayfs reads by default; writing them needs CAP_SYS_ADMIN.
        case trusted
        /// `user.overlay.*`, read when it is mounted with `userxattr`.
        case user

        /// The attribute's name.
        var opaqueName: String {
            switch self {
            case .trusted: "trusted.overlay.opaque"
            case .user: "user.overlay.opaque"
            }
        }
    }

    package var owners: Owners
    package var overlayAttributes: OverlayAttributes
    /// How many bytes the files may have together, holes included; `nil` is the free space less a reserve.
    package var expandedBytes: UInt64?
    /// How many entries there may be.
    package var entries = 2_000_000

    /// Options for one destination.
    package init(
        owners: Owners = .asArchived,
        overlayAttributes: OverlayAttributes = .user,
        expandedBytes: UInt64? = nil
    ) {
        self.owners = owners
        self.overlayAttributes = overlayAttributes
        self.expandedBytes = expandedBytes
    }
}
