internal import Linux

/// When to stop waiting, by the clock that nobody sets.
package struct Deadline: Sendable {
    private let end: Int64?

    /// Waiting without an end.
    package static let never = Deadline(end: nil)

    /// So many milliseconds from now.
    package init(milliseconds: Int32) {
        let (sum, overflow) = Time.monotonic().totalNanoseconds
            .addingReportingOverflow(Int64(milliseconds) * 1_000_000)
        end = overflow ? nil : sum
    }

    private init(end: Int64?) { self.end = end }

    /// What is left, in milliseconds and at most `limit`; zero when the time is up.
    package func remaining(atMost limit: Int32 = .max) -> Int32 {
        guard let end else { return limit }
        let nanoseconds = end - Time.monotonic().totalNanoseconds
        return max(0, min(limit, Int32(clamping: nanoseconds / 1_000_000)))
    }

    /// Whether the time is up.
    package var isPast: Bool { end.map { Time.monotonic().totalNanoseconds >= $0 } ?? false }
}
