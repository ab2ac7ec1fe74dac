/// What a tar reader accepts before it refuses the archive as a bomb.
package struct TarLimits: Sendable {
    /// The longest path of an entry or a link, in bytes (the kernel's PATH_MAX).
    package static let pathLength = 4096
    /// The longest component of an entry's path, in bytes (NAME_MAX).
    package static let componentLength = 255
    /// The longest PAX header and the longest sparse map, in bytes.
    package static let extendedHeaderLength = 1 << 20

    /// How many entries an archive may have.
    package let entries: Int
    /// How many bytes its files may have together, holes of sparse files included.
    package let expandedBytes: UInt64

    /// Limits for a destination that can take `expandedBytes`.
    package init(expandedBytes: UInt64, entries: Int = 2_000_000) {
        self.expandedBytes = expandedBytes
        self.entries = entries
    }

    /// How long the archive itself may be: its files, and headers and padding for every allowed entry.
    package var archiveBytes: UInt64 {
        let (sum, overflow) = expandedBytes.addingReportingOverflow(4 << 30)
        return overflow ? .max : sum
    }
}
