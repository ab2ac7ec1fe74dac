/// The ways in which tar archives write numbers; `nil` always means "not a number that fits".
enum TarNumber {
    /// A header field: octal digits, or base 256 when the first bit is set (GNU).
    static func field(_ bytes: Span<UInt8>) -> Int64? {
        guard bytes.count > 0 else { return nil }
        return bytes[0] & 0x80 != 0 ? binary(bytes) : octal(bytes)
    }

    /// Decimal digits and nothing else.
    static func decimal(_ text: ArraySlice<UInt8>) -> UInt64? {
        guard !text.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in text {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(UInt64(byte - 0x30))
            guard !tooLarge, !overflow else { return nil }
            value = sum
        }
        return value
    }

    /// Seconds with an optional sign and fraction: `1700000000.25`.
    static func time(_ text: ArraySlice<UInt8>) -> TarTime? {
        let isNegative = text.first == UInt8(ascii: "-")
        let parts = text.dropFirst(isNegative ? 1 : 0)
            .split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, let digits = decimal(whole),
            let seconds = Int64(exactly: digits), seconds < Int64.max,
            let nanoseconds = fraction(parts.dropFirst().first ?? [])
        else { return nil }
        guard isNegative else { return TarTime(seconds: seconds, nanoseconds: nanoseconds) }
        return nanoseconds == 0
            ? TarTime(seconds: -seconds)
            : TarTime(seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds)
    }

    private static func octal(_ bytes: Span<UInt8>) -> Int64? {
        var index = 0
        while index < bytes.count, bytes[index] == 0x20 { index += 1 }
        var value: Int64 = 0
        while index < bytes.count, bytes[index] != 0, bytes[index] != 0x20 {
            let digit = bytes[index]
            guard digit >= 0x30, digit <= 0x37, value <= Int64.max >> 3 else { return nil }
            value = value << 3 | Int64(digit - 0x30)
            index += 1
        }
        return value
    }

    /// Two's complement, most significant byte first, without the bit that marks the field.
    private static func binary(_ bytes: Span<UInt8>) -> Int64? {
        var value = Int64(bytes[0] & 0x3f) - (bytes[0] & 0x40 != 0 ? 0x40 : 0)
        for index in 1..<bytes.count {
            guard value <= Int64.max >> 8, value >= Int64.min >> 8 else { return nil }
            value = value << 8 | Int64(bytes[index])
        }
        return value
    }

    private static func fraction(_ digits: ArraySlice<UInt8>) -> Int32? {
        guard digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        var value: Int32 = 0
        for place in 0..<9 {
            let digit = place < digits.count ? digits[digits.startIndex + place] - 0x30 : 0
            value = value * 10 + Int32(digit)
        }
        return value
    }
}
