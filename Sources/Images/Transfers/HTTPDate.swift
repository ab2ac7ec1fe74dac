/// A date in a header, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7); its obsolete forms aren't read.
struct HTTPDate {
    /// Seconds since 1970.
    let seconds: Int64

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads a date; nil if it isn't one.
    init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
            let day = Self.number(words[1], 1...31),
            let month = Self.months.firstIndex(of: words[2]),
            let year = Self.number(words[3], 1970...9999)
        else { return nil }
        let clock = words[4].split(separator: ":").map(String.init)
        guard clock.count == 3, let hour = Self.number(clock[0], 0...23),
            let minute = Self.number(clock[1], 0...59),
            let second = Self.number(clock[2], 0...60)
        else { return nil }
        // Years begin in March, so that the leap day is the last one.
        let shifted = month < 2 ? year - 1 : year
        let monthOfYear = Int64((month + 10) % 12)
        let dayOfYear = (153 * monthOfYear + 2) / 5 + day - 1
        let leapDays = shifted / 4 - shifted / 100 + shifted / 400
        let days = 365 * shifted + leapDays + dayOfYear - 719_468
        seconds = days * 86_400 + hour * 3600 + minute * 60 + second
    }

    private static func number(_ text: String, _ range: ClosedRange<Int64>) -> Int64? {
        guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int64(text),
            range.contains(number)
        else { return nil }
        return number
    }
}
