package import Linux

/// A point in time as calendar and clock, in UTC.
package struct CivilTime: Equatable, Sendable {
    package var year: Int64
    package var month: Int64
    package var day: Int64
    package var secondOfDay: Int64

    /// The calendar's view of seconds since 1970.
    package init(_ seconds: Int64) {
        let days = seconds.floorDivided(by: 86_400)
        secondOfDay = seconds - days * 86_400
        // Years begin in March here, so that the leap day is the last of its year.
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// A day's beginning.
    package init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
        secondOfDay = 0
    }

    /// Seconds since 1970.
    package var seconds: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floorDivided(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era * 146_097 + dayOfEra - 719_468) * 86_400 + secondOfDay
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

extension Time {
    /// Reads a time of RFC 3339, for instance `2026-11-24T15:03:57.25Z` or with `+01:00`.
    package init?(rfc3339 text: some Sequence<UInt8>) {
        var scanner = DateScanner(text)
        guard let civil = scanner.civilTime(), let nanoseconds = scanner.fraction(),
            let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        self.init(seconds: civil.seconds - offset, nanoseconds: nanoseconds)
    }
}

/// The parts of a date, one after the other.
private struct DateScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: some Sequence<UInt8>) { rest = Array(text)[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func civilTime() -> CivilTime? {
        guard let year = number(4, in: 0...9999), skip("-") != nil,
            let month = number(2, in: 1...12), skip("-") != nil,
            let day = number(2, in: 1...31), skip("Tt ") != nil,
            let hour = number(2, in: 0...23), skip(":") != nil,
            let minute = number(2, in: 0...59), skip(":") != nil,
            let second = number(2, in: 0...60)
        else { return nil }
        var civil = CivilTime(year: year, month: month, day: day)
        civil.secondOfDay = hour * 3600 + minute * 60 + second
        return civil
    }

    /// Nanoseconds; more digits than nine are read and ignored.
    mutating func fraction() -> UInt32? {
        guard skip(".") != nil else { return 0 }
        let digits = rest.prefix { isDigit($0) }
        rest = rest.dropFirst(digits.count)
        guard !digits.isEmpty else { return nil }
        let padded = digits.prefix(9) + repeatElement(0x30, count: max(0, 9 - digits.count))
        return padded.reduce(0) { $0 * 10 + UInt32($1 - 0x30) }
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        guard let sign = skip("Zz+-") else { return nil }
        if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return 0 }
        guard let hours = number(2, in: 0...23), skip(":") != nil,
            let minutes = number(2, in: 0...59)
        else { return nil }
        return (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -60 : 60)
    }

    private mutating func number(_ digits: Int, in range: ClosedRange<Int64>) -> Int64? {
        let taken = rest.prefix(digits)
        guard taken.count == digits, taken.allSatisfy({ isDigit($0) }) else { return nil }
        rest = rest.dropFirst(digits)
        let value = taken.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
        return range.contains(value) ? value : nil
    }

    private mutating func skip(_ characters: String) -> UInt8? {
        guard let byte = rest.first, characters.utf8.contains(byte) else { return nil }
        rest = rest.dropFirst()
        return byte
    }
}

private func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
