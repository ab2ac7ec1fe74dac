internal import CFreestanding

/// A log entry being put together.
@safe struct LogEntry {
    private let bytes: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    init(_ bytes: UnsafeMutablePointer<UInt8>) { unsafe self.bytes = bytes }

    mutating func put(_ byte: UInt8) {
        unsafe bytes[count] = byte
        count += 1
    }

    mutating func put(_ source: UnsafePointer<UInt8>, _ length: Int) {
        unsafe (bytes + count).update(from: source, count: length)
        count += length
    }

    mutating func put(_ text: Text) {
        var index = 0
        while text[index] != 0 {
            put(text[index])
            index += 1
        }
    }

    /// `2026-11-24T15:03:57.123456789Z `.
    mutating func putTime() {
        var nanoseconds: Int64 = 0
        let seconds = unsafe k_now(0, &nanoseconds)
        let date = CivilDate(daysSince1970: seconds / 86_400)
        let time = seconds % 86_400
        put(date.year, digits: 4)
        put(UInt8(0x2D))
        put(date.month, digits: 2)
        put(UInt8(0x2D))
        put(date.day, digits: 2)
        put(UInt8(0x54))
        put(time / 3600, digits: 2)
        put(UInt8(0x3A))
        put(time / 60 % 60, digits: 2)
        put(UInt8(0x3A))
        put(time % 60, digits: 2)
        put(UInt8(0x2E))
        put(nanoseconds, digits: 9)
        put("Z ")
    }

    private mutating func put(_ number: Int64, digits: Int) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            put(UInt8(truncatingIfNeeded: 48 + number / divisor % 10))
            divisor /= 10
        }
    }
}

/// Year, month and day of a number of days, by Howard Hinnant's civil-from-days.
struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}
