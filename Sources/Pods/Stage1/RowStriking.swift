internal import CFreestanding

/// Takes back a pod's rows in files that others have mounted: a `#` over a row's first byte strikes it out.
struct RowStriking {
    private let path: Text
    /// What the pod's rows have at their place.
    private let text: Text
    private let offset: Int
    /// The length of a row.
    private let length: Int

    init(_ record: inout PlanReader) {
        path = record.text()
        text = record.text()
        offset = record.int()
        length = record.int()
    }

    /// Who adds rows meanwhile has the directory locked, so that no new file is made of rows that are just going.
    func perform() {
        let result = unsafe k_openat(-100, path.pointer, 0o2200000, 0)
        guard result >= 0, offset >= 0, length >= offset + text.count, !text.isEmpty else { return }
        let directory = Int32(truncatingIfNeeded: result)
        // LOCK_EX
        _ = k_flock(directory, 2)
        do throws(Failure) {
            try forEachName(in: directory) { name throws(Failure) in strike(in: name, of: directory)
            }
        } catch {}
        _ = k_close(directory)
    }

    private func strike(in name: Text, of directory: Int32) {
        // O_RDWR | O_NOFOLLOW | O_CLOEXEC
        let result = unsafe k_openat(directory, name.pointer, 0o2400002, 0)
        guard result >= 0 else { return }
        let file = Int32(truncatingIfNeeded: result)
        defer { _ = k_close(file) }
        var start: UnsafePointer<UInt8>?
        var size = 0
        guard unsafe k_map_file(file, &start, &size) >= 0, let bytes = unsafe start else { return }
        var row = 0
        while row + length <= size {
            if unsafe isOurs(bytes + row) {
                var mark = UInt8(ascii: "#")
                _ = k_lseek(file, Int64(row), 0)
                _ = unsafe k_write(file, &mark, 1)
            }
            row += length
        }
    }

    private func isOurs(_ row: UnsafePointer<UInt8>) -> Bool {
        var index = 0
        while text[index] != 0 {
            if unsafe row[offset + index] != text[index] { return false }
            index += 1
        }
        return true
    }
}
