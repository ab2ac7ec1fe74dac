internal import CFreestanding

/// Copies a directory of an image into a new volume: directories, files and links, with owners and modes.
enum TreeCopy {
    static func copy(directory source: Int32, to target: Int32, depth: Int) throws(Failure) {
        guard depth < 128 else { throw Failure(step: "too deep to copy", subject: "", error: 40) }
        if let status = Status(of: source) {
            _ = unsafe k_fchownat(target, "", status.uid, status.gid, 0x1000)
            _ = k_fchmod(target, status.permissions)
        }
        try forEachName(in: source) { name throws(Failure) in
            try copy(name, from: source, to: target, depth: depth)
        }
    }

    private static func copy(
        _ name: Text,
        from source: Int32,
        to target: Int32,
        depth: Int
    ) throws(Failure) {
        // A volume may have more entries than the heap has room for.
        let mark = k_heap_mark()
        defer { k_heap_release(mark) }
        let handle = try check(
            unsafe k_openat(source, name.pointer, 0o12400000, 0),
            "cannot open",
            name
        )
        defer { _ = k_close(handle) }
        guard let status = Status(of: handle) else { return }
        if status.isDirectory {
            try check(unsafe k_mkdirat(target, name.pointer, 0o700), "cannot make", name)
            let from = try check(
                unsafe k_openat(source, name.pointer, 0o2600000, 0),
                "cannot open",
                name
            )
            let to = try check(
                unsafe k_openat(target, name.pointer, 0o2600000, 0),
                "cannot open",
                name
            )
            try copy(directory: from, to: to, depth: depth + 1)
            _ = k_close(from)
            _ = k_close(to)
        } else if status.isLink {
            let buffer = unsafe allocate(CChar.self, 4096)
            let length = unsafe k_readlinkat(source, name.pointer, buffer, 4095)
            guard length > 0 else { return }
            unsafe buffer[length] = 0
            try check(unsafe k_symlinkat(buffer, target, name.pointer), "cannot make", name)
            _ = unsafe k_fchownat(target, name.pointer, status.uid, status.gid, 0x100)
        } else if status.isRegular {
            try copyFile(name, from: source, to: target, status)
        }
    }

    private static func copyFile(
        _ name: Text,
        from source: Int32,
        to target: Int32,
        _ status: Status
    ) throws(Failure) {
        let from = try check(
            unsafe k_openat(source, name.pointer, 0o2404000, 0),
            "cannot open",
            name
        )
        defer { _ = k_close(from) }
        let to = try check(
            unsafe k_openat(target, name.pointer, 0o2400301, 0o600),
            "cannot make",
            name
        )
        defer { _ = k_close(to) }
        try check(k_copy_file(from, to), "cannot copy", name)
        _ = unsafe k_fchownat(to, "", status.uid, status.gid, 0x1000)
        _ = k_fchmod(to, status.permissions)
    }
}
