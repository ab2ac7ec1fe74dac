internal import Archives
internal import Linux

/// Decides for which entries the kernel's default owner isn't right.
struct Ownership {
    private let owners: UnpackOptions.Owners
    private let uid = CurrentProcess.effectiveUser
    private let gid = CurrentProcess.group
    /// New files get the group of a set-group-id directory, not ours.
    private let inheritsGroup: Bool

    init(_ owners: UnpackOptions.Owners, root: FileStatus) {
        self.owners = owners
        inheritsGroup = root.permissions & 0o2000 != 0 || root.gid != CurrentProcess.group
    }

    /// Whether a file just made belongs to somebody else than the entry says.
    func differs(_ entry: TarEntry) -> Bool {
        owners == .asArchived && (entry.uid != uid || entry.gid != gid || inheritsGroup)
    }

    /// Whether a directory just made needs more than its permission bits.
    func needsMore(_ entry: TarEntry) -> Bool {
        differs(entry) || entry.mode & 0o7000 != 0 || !entry.extendedAttributes.isEmpty
            || inheritsGroup
    }
}
