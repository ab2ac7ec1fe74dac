internal import CLinux

/// A point in time since 1970 (UTC), or since boot for the monotonic clock.
package struct Time: Comparable, Sendable {
    package let seconds: Int64
    package let nanoseconds: UInt32

    /// A time from its two parts.
    package init(seconds: Int64, nanoseconds: UInt32) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// The wall clock.
    ///
    /// The corresponding system call is `clock_gettime(CLOCK_REALTIME)`.
    package static func now() -> Time { read(clock: 0) }

    /// The clock that nobody sets.
    ///
    /// The corresponding system call is `clock_gettime(CLOCK_MONOTONIC)`.
    package static func monotonic() -> Time { read(clock: 1) }

    private static func read(clock: Int32) -> Time {
        var nanoseconds: Int64 = 0
        let seconds = unsafe linux_clock(clock, &nanoseconds)
        return Time(seconds: seconds, nanoseconds: UInt32(truncatingIfNeeded: nanoseconds))
    }

    /// Nanoseconds since 1970, saturating.
    package var totalNanoseconds: Int64 {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(Int64(nanoseconds))
        return overflow || carry ? .max : sum
    }

    package static func < (left: Time, right: Time) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

/// Lets other processes run for a while; only for bounded retries.
package func pause(milliseconds: Int64) { _ = linux_sleep(milliseconds) }
