/// What images take of the disk, and which of them have to go so that the rest takes no more than it may.
///
/// A layer that several images have is counted once, and freed with the last of them.
struct StorageBudget {
    private var users: [String: Int] = [:]
    private var sizes: [String: UInt64] = [:]
    /// Bytes that the images take that are left.
    private(set) var total: UInt64 = 0

    /// Counts an image's files, known by their names.
    mutating func add(_ files: Set<String>, size: (String) -> UInt64) {
        for file in files {
            users[file, default: 0] += 1
            guard sizes[file] == nil else { continue }
            let size = size(file)
            sizes[file] = size
            total = total.addingReportingOverflow(size).partialValue
        }
    }

    /// Takes an image away.
    ///
    /// - Returns: the bytes that this frees.
    mutating func remove(_ files: Set<String>) -> UInt64 {
        var freed: UInt64 = 0
        for file in files {
            users[file, default: 1] -= 1
            if users[file] == 0 { freed += sizes[file] ?? 0 }
        }
        total -= min(total, freed)
        return freed
    }
}
