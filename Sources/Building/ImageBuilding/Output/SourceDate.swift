internal import Linux
internal import PodLifecycle

/// The time that `SOURCE_DATE_EPOCH` sets for everything that is made, so that the same input becomes the same image.
package struct SourceDate: Sendable {
    /// Seconds since 1970; nil if the variable isn't set.
    package let seconds: Int64?

    /// What the environment says.
    package static func fromEnvironment() throws(BuildError) -> SourceDate {
        guard let text = Environment["SOURCE_DATE_EPOCH"], !text.isEmpty else {
            return SourceDate(seconds: nil)
        }
        guard let seconds = Int64(text), 0...253_402_300_799 ~= seconds else {
            throw .invalid("SOURCE_DATE_EPOCH is not a number of seconds: \"\(text)\"")
        }
        return SourceDate(seconds: seconds)
    }

    /// A time of a file, no later than the set one.
    func limited(_ time: Int64) -> Int64 { min(time, seconds ?? time) }

    /// The time of directories that no source had.
    var ofNewDirectories: Int64 { seconds ?? 0 }

    /// When the image was made, as RFC 3339 writes it.
    var created: String {
        let seconds = seconds ?? Time.now().seconds
        let civil = CivilTime(seconds)
        func digits(_ number: Int64, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        let clock = civil.secondOfDay
        return "\(digits(civil.year, 4))-\(digits(civil.month, 2))-\(digits(civil.day, 2))T"
            + "\(digits(clock / 3600, 2)):\(digits(clock / 60 % 60, 2)):\(digits(clock % 60, 2))Z"
    }
}
