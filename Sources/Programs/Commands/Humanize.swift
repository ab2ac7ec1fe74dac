internal import Linux
internal import PodLifecycle

/// Times in rkt's two spellings.
extension Time {
    /// How long ago it was, in the largest unit that fits: `2 minutes ago`.
    func ago(from now: Time) -> String {
        let seconds = now.seconds - seconds
        guard seconds >= 1 else { return "now" }
        let units: [(name: String, length: Int64)] = [
            ("year", 360 * 86_400), ("month", 30 * 86_400), ("week", 7 * 86_400),
            ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1),
        ]
        for unit in units where seconds >= unit.length {
            let count = seconds / unit.length
            return "\(count) \(unit.name)\(count == 1 ? "" : "s") ago"
        }
        return "now"
    }

    /// Date, time to the millisecond and zone, the user's own: `2026-11-24 15:03:57.25 +0000 UTC`.
    func full(in zone: TimeZoneRules = .local) -> String {
        let offset = zone.offset(at: seconds)
        let civil = CivilTime(seconds &+ offset.seconds)
        let date = "\(padded(civil.year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2))"
        let (minutes, second) = (civil.secondOfDay / 60, civil.secondOfDay % 60)
        let clock = "\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2)):\(padded(second, 2))"
        var fraction = padded(Int64(nanoseconds / 1_000_000), 3)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        let east = abs(offset.seconds) / 60
        let sign = offset.seconds < 0 ? "-" : "+"
        let zone = "\(sign)\(padded(east / 60, 2))\(padded(east % 60, 2)) \(offset.name)"
        return "\(date) \(clock)\(fraction.isEmpty ? "" : "." + fraction) \(zone)"
    }
}

private func padded(_ number: Int64, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
