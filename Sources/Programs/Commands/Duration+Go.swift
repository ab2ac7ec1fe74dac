extension Duration {
    /// Reads a length of time as Go writes it: decimal numbers with the units `ns us µs ms s m h`, one after the other.
    package init?(goText text: String) {
        if text == "0" {
            self = .zero
            return
        }
        var nanoseconds: Double = 0
        var rest = text[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let scale = Self.scale(of: unit) else { return nil }
            nanoseconds += number * scale
        }
        // Go's own limit, 292 years.
        guard nanoseconds < 9.2e18 else { return nil }
        self = .nanoseconds(Int64(nanoseconds))
    }

    private static func scale(of unit: Substring) -> Double? {
        switch unit {
        case "ns": 1
        case "us", "µs", "μs": 1e3
        case "ms": 1e6
        case "s": 1e9
        case "m": 60e9
        case "h": 3600e9
        default: nil
        }
    }

    /// The length as Go writes it, in whole seconds: `1h30m0s`.
    package var goText: String {
        let seconds = components.seconds
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        let start = hours > 0 ? "\(hours)h\(minutes)m" : minutes > 0 ? "\(minutes)m" : ""
        return "\(start)\(seconds % 60)s"
    }

    /// The length in milliseconds, as far as a wait can be.
    package var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : Int32(clamping: whole + attoseconds / 1_000_000_000_000_000)
    }
}
