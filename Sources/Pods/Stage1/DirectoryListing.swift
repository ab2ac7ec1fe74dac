internal import CFreestanding

/// Calls a function with each name in an open directory, without `.` and `..`.
func forEachName(
    in directory: Int32,
    _ body: (Text) throws(Failure) -> Void
) throws(Failure) {
    // O_DIRECTORY | O_CLOEXEC
    let reading = try check(
        unsafe k_openat(directory, ".", 0o2200000, 0),
        "cannot read a directory"
    )
    defer { _ = k_close(reading) }
    let size = 2048
    let buffer = unsafe allocate(UInt8.self, size)
    while true {
        let count = Int(
            try check(unsafe k_getdents(reading, buffer, size), "cannot read a directory")
        )
        if count == 0 { return }
        var at = 0
        while at + 19 < count {
            let length = unsafe Int(buffer[at + 16]) | Int(buffer[at + 17]) << 8
            let name = unsafe Text(
                UnsafeRawPointer(buffer + at + 19).assumingMemoryBound(to: CChar.self)
            )
            at += length
            if name == "." || name == ".." { continue }
            try body(name)
        }
    }
}
