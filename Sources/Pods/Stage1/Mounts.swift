internal import CFreestanding

/// A mount that has a descriptor and, until it is moved somewhere, no place.
struct Mount {
    let descriptor: Int32

    private static let recursive: UInt32 = 0x8000
    private static let slave: UInt64 = 1 << 19

    /// A new file system.
    static func make(
        _ type: Text,
        options: inout PlanReader,
        attributes: UInt64
    ) throws(Failure) -> Mount {
        let context = try check(unsafe k_fsopen(type.pointer), "cannot mount", type)
        defer { _ = k_close(context) }
        for _ in 0..<options.int() {
            let key = options.text()
            let value = options.text()
            // FSCONFIG_SET_FLAG 0, FSCONFIG_SET_STRING 1.
            let result =
                value.isEmpty
                ? unsafe k_fsconfig(context, 0, key.pointer, nil)
                : unsafe k_fsconfig(context, 1, key.pointer, value.pointer)
            try check(result, "cannot set a mount option", key)
        }
        return try create(context, type, attributes)
    }

    /// An overlay of layers, topmost first, under a directory that takes the changes.
    ///
    /// - Returns: nil on kernels before 6.5, which know no `lowerdir+`: there the caller mounts the old way.
    static func overlay(
        lowers: TextList,
        upper: Text,
        work: Text,
        attributes: UInt64
    ) throws(Failure) -> Mount? {
        let context = try check(unsafe k_fsopen("overlay"), "cannot mount", "overlay")
        defer { _ = k_close(context) }
        do throws(Failure) {
            for index in 0..<lowers.count {
                try set("lowerdir+", lowers[index], in: context)
            }
            if !upper.isEmpty {
                try set("upperdir", upper, in: context)
                try set("workdir", work, in: context)
            }
            // Opaque directories are marked by user.overlay.opaque, which takes no capability to write.
            try check(unsafe k_fsconfig(context, 0, "userxattr", nil), "cannot set", "userxattr")
            return try create(context, "overlay", attributes)
        } catch {
            // The old kernels take any option: they refuse the one that a page has no room for (from about forty
            // layers on), or else to make the overlay.
            guard error.error == Failure.invalid else { throw error }
            return nil
        }
    }

    private static func set(_ option: Text, _ value: Text, in context: Int32) throws(Failure) {
        let result = unsafe k_fsconfig(context, 1, option.pointer, value.pointer)
        try check(result, Text(joining: "cannot use as ", option), value)
    }

    /// A second view of what a descriptor holds.
    static func clone(_ source: Int32, recursive: Bool = false) throws(Failure) -> Mount {
        let flags: UInt32 = 1 | 0o2000000 | 0x1000 | (recursive ? Mount.recursive : 0)
        return Mount(descriptor: try check(unsafe k_open_tree(source, "", flags), "cannot bind"))
    }

    /// Puts the mount over a handle, mount point and mount both held by descriptor (R2).
    func place(over target: Int32, _ path: Text) throws(Failure) {
        try check(k_move_mount(descriptor, target), "cannot mount on", path)
    }

    /// Adds attributes, to everything below as well if asked.
    func add(_ attributes: UInt64, recursive: Bool = false) throws(Failure) {
        if attributes == 0 { return }
        try check(
            k_mount_setattr(descriptor, recursive ? Mount.recursive : 0, attributes, 0, 0),
            "cannot restrict a mount"
        )
    }

    /// From here on nothing that is mounted in this namespace shows on the host, while the host's mounts still arrive.
    ///
    /// Whoever started us may be in a chroot: the mounts outside it count too, the plan's paths are inside.
    static func detachFromHost() throws(Failure) {
        let start = (root: try openHandle("/"), directory: try openHandle("."))
        try check(k_leave_chroot(), "cannot reach the host's mounts")
        let root = try openHandle("/")
        try check(
            k_mount_setattr(root, Mount.recursive, 0, 0, Mount.slave),
            "cannot keep mounts from the host"
        )
        try check(k_fchdir(start.root), "cannot go back to the root")
        try check(unsafe k_chroot("."), "cannot go back to the root")
        try check(k_fchdir(start.directory), "cannot go back to the directory")
        for descriptor in [start.root, start.directory, root] { _ = k_close(descriptor) }
    }

    /// Makes a mount the root of the namespace and the only thing in it.
    ///
    /// `pivot_root(2)` by itself would change only the chroot we may be in and leave the host in reach of `setns(2)`.
    func becomeRoot() throws(Failure) {
        try check(k_leave_chroot(), "cannot reach the host's mounts")
        try check(k_fchdir(descriptor), "cannot enter the root")
        try check(unsafe k_pivot_root(".", "."), "cannot change the root")
        // Both roots are at `/` now, the host's on top: let it go (man 2 pivot_root, "pivot_root(".", ".")").
        try check(unsafe k_umount(".", 2), "cannot let go of the host's root")
        try check(unsafe k_chdir("/"), "cannot enter the root")
    }

    private static func create(
        _ context: Int32,
        _ type: Text,
        _ attributes: UInt64
    ) throws(Failure) -> Mount {
        // What /proc/mounts shows as the source; not every type takes one.
        _ = unsafe k_fsconfig(context, 1, "source", type.pointer)
        // FSCONFIG_CMD_CREATE 6.
        try check(k_fsconfig(context, 6, nil, nil), "cannot mount", type)
        return Mount(descriptor: try check(k_fsmount(context, attributes), "cannot mount", type))
    }
}

/// A handle of what is at a path of the host, or of a root that we have entered.
func openHandle(_ path: Text) throws(Failure) -> Int32 {
    try check(unsafe k_openat(-100, path.pointer, 0o12000000, 0), "cannot open", path)
}
