internal import PodLifecycle

/// What a zone does every year, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3` (`man 3 tzset`).
struct ZoneRule: Equatable, Sendable {
    private let standard: TimeZoneRules.Offset
    private var summer: Summer?

    private struct Summer: Equatable {
        let offset: TimeZoneRules.Offset
        let start: Day
        let end: Day
    }

    /// A day of the year, and the second of it by the clock before the change.
    fileprivate struct Day: Equatable {
        let date: Date
        let time: Int64

        enum Date: Equatable {
            /// The day of the year from 1, without ever counting a leap day.
            case julian(Int64)
            /// The day of the year from 0.
            case ordinal(Int64)
            /// The `week`th such weekday of a month; the fifth is the last.
            case weekday(month: Int64, week: Int64, day: Int64)
        }
    }

    /// A zone without summer time.
    init(_ standard: TimeZoneRules.Offset) { self.standard = standard }

    /// Reads a rule; nil for what is none.
    init?(_ text: String) {
        var scanner = Scanner(rest: Array(text.utf8)[...])
        guard let name = scanner.name(), let west = scanner.time() else { return nil }
        standard = TimeZoneRules.Offset(seconds: -west, name: name)
        if scanner.rest.isEmpty { return }
        guard let summerName = scanner.name() else { return nil }
        let summerWest = scanner.rest.first == UInt8(ascii: ",") ? west - 3600 : nil
        guard let summerWest = summerWest ?? (scanner.rest.isEmpty ? west - 3600 : scanner.time())
        else { return nil }
        // A rule without days follows those of the United States.
        if scanner.rest.isEmpty { scanner.rest = Array(",M3.2.0,M11.1.0".utf8)[...] }
        guard let start = scanner.day(), let end = scanner.day(), scanner.rest.isEmpty else {
            return nil
        }
        summer = Summer(
            offset: TimeZoneRules.Offset(seconds: -summerWest, name: summerName),
            start: start,
            end: end
        )
    }

    /// What holds at a time, in seconds since 1970.
    func offset(at seconds: Int64) -> TimeZoneRules.Offset {
        guard let summer else { return standard }
        let year = CivilTime(seconds &+ standard.seconds).year
        let start = summer.start.seconds(in: year) - standard.seconds
        let end = summer.end.seconds(in: year) - summer.offset.seconds
        let isSummer =
            start < end ? start..<end ~= seconds : !(end..<max(start, end) ~= seconds)
        return isSummer ? summer.offset : standard
    }

    /// A zone's name: letters, digits and signs, so that it can be printed as it is.
    static func name(_ bytes: some Collection<UInt8>) -> String? {
        let isPlain = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, 3...16 ~= bytes.count else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ZoneRule.Day {
    /// The change in a year, in seconds since 1970 by the zone's own clock.
    func seconds(in year: Int64) -> Int64 {
        let newYear = CivilTime(year: year, month: 1, day: 1).seconds
        let days: Int64
        switch date {
        case .ordinal(let day): days = day
        case .julian(let day):
            let march = CivilTime(year: year, month: 3, day: 1).seconds
            let isLeap = march - newYear == 60 * 86_400
            days = day - 1 + (isLeap && day >= 60 ? 1 : 0)
        case .weekday(let month, let week, let day):
            let first = CivilTime(year: year, month: month, day: 1).seconds
            let next =
                month == 12
                ? CivilTime(year: year + 1, month: 1, day: 1)
                : CivilTime(year: year, month: month + 1, day: 1)
            // 1970 began on a Thursday.
            let weekday = ((first / 86_400 + 4) % 7 + 7) % 7
            var found = first + ((day - weekday + 7) % 7 + (week - 1) * 7) * 86_400
            if found >= next.seconds { found -= 7 * 86_400 }
            days = (found - newYear) / 86_400
        }
        return newYear + days * 86_400 + time
    }
}

/// Takes the parts of a rule from the front.
private struct Scanner {
    var rest: ArraySlice<UInt8>

    mutating func name() -> String? {
        if take("<") {
            let name = rest.prefix { $0 != UInt8(ascii: ">") }
            rest = rest.dropFirst(name.count)
            return take(">") ? ZoneRule.name(name) : nil
        }
        let name = rest.prefix { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 & 0xDF }
        rest = rest.dropFirst(name.count)
        return ZoneRule.name(name)
    }

    /// `[+-]HH[:MM[:SS]]` in seconds.
    mutating func time() -> Int64? {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        guard let hours = number(in: 0...167) else { return nil }
        var seconds = hours * 3600
        for unit: Int64 in [60, 1] where take(":") {
            guard let number = number(in: 0...59) else { return nil }
            seconds += number * unit
        }
        return isNegative ? -seconds : seconds
    }

    /// `,DATE[/TIME]`; two o'clock unless it says another time.
    mutating func day() -> ZoneRule.Day? {
        guard take(","), let date = date() else { return nil }
        guard take("/") else { return ZoneRule.Day(date: date, time: 7200) }
        return time().map { ZoneRule.Day(date: date, time: $0) }
    }

    private mutating func date() -> ZoneRule.Day.Date? {
        if take("J") { return number(in: 1...365).map { .julian($0) } }
        guard take("M") else { return number(in: 0...365).map { .ordinal($0) } }
        guard let month = number(in: 1...12), take("."), let week = number(in: 1...5), take("."),
            let day = number(in: 0...6)
        else { return nil }
        return .weekday(month: month, week: week, day: day)
    }

    private mutating func number(in range: ClosedRange<Int64>) -> Int64? {
        let digits = rest.prefix { 0x30...0x39 ~= $0 }
        rest = rest.dropFirst(digits.count)
        guard 1...3 ~= digits.count else { return nil }
        let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
        return range.contains(value) ? value : nil
    }

    private mutating func take(_ character: Character) -> Bool {
        guard rest.first == character.asciiValue else { return false }
        rest = rest.dropFirst()
        return true
    }
}
