internal import Linux

/// Which user ids of this process's namespace exist, as `/proc/self/uid_map` says.
package struct UserMap {
    private let lines: [[UInt64]]

    /// That of this process.
    package static var current: UserMap {
        let text = (try? readHostFile("/proc/self/uid_map", limit: 64 << 10)) ?? []
        return UserMap(String(decoding: text, as: UTF8.self))
    }

    /// Reads the file's text.
    package init(_ text: String) {
        lines = text.split(separator: "\n").map { line in
            line.split(separator: " ").compactMap { UInt64($0) }
        }
    }

    /// Only one id can own files: archives' owners can't be kept.
    package var mapsOneID: Bool { lines.count == 1 && lines[0].last == 1 }
}
