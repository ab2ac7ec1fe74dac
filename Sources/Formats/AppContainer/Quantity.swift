package import JSON

/// An amount of memory, processor time or bandwidth as Kubernetes writes it: `500m`, `1.5`, `64Mi`, `1e3`.
///
/// The amount is exact down to a billionth, rounded up below that, and never more than 2⁶³−1 units.
package struct Quantity: Sendable, Hashable, CustomStringConvertible {
    /// The amount as it was written.
    package let text: String
    private let nanos: Int128

    private static let nanosPerUnit: Int128 = 1_000_000_000
    private static let mostNanos = Int128(Int64.max) * nanosPerUnit

    /// Accepts `[+-]digits[.digits]` followed by n, u, m, k, M, G, T, P, E, Ki … Ei or a decimal exponent.
    package init(_ text: String) throws(ManifestError) {
        guard let nanos = Self.nanos(of: text) else { throw .quantity(text) }
        self.text = text
        self.nanos = nanos
    }

    /// A whole number of units.
    package init(_ units: Int64) {
        text = String(units)
        nanos = Int128(units) * Self.nanosPerUnit
    }

    /// The amount in units, bytes for instance, rounded up.
    package var units: Int64 { rounded(to: Self.nanosPerUnit) }

    /// The amount in thousandths of a unit, milli-cores for instance, rounded up.
    package var thousandths: Int64 { rounded(to: Self.nanosPerUnit / 1000) }

    /// Whether the amount is below zero.
    package var isNegative: Bool { nanos < 0 }

    package var description: String { text }

    private func rounded(to step: Int128) -> Int64 {
        let (quotient, rest) = nanos.quotientAndRemainder(dividingBy: step)
        return Int64(clamping: rest > 0 ? quotient + 1 : quotient)
    }
}

extension Quantity: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        let text: String
        switch cursor.value {
        case .integer(let number): text = String(number)
        case .number(let number): text = number
        default: text = try cursor.string()
        }
        do {
            try self.init(text)
        } catch {
            throw cursor.invalid(error.description)
        }
    }

    package var json: JSON { .string(text) }
}

extension Quantity {
    private static func nanos(of text: String) -> Int128? {
        var rest = Substring(text).utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard var decimal = Decimal(prefixOf: &rest),
            let suffix = Suffix(String(Substring(rest)))
        else { return nil }
        decimal.exponent += suffix.decimalExponent + 9
        let magnitude = decimal.integer(times: suffix.factor, most: mostNanos)
        return isNegative ? -magnitude : magnitude
    }

    private struct Suffix {
        var decimalExponent = 0
        var factor: Int128 = 1

        private static let decimal = [
            "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
        ]
        private static let binary = ["Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60]

        init?(_ text: String) {
            if let exponent = Self.decimal[text] {
                decimalExponent = exponent
            } else if let shift = Self.binary[text] {
                factor = 1 << Int128(shift)
            } else if text.hasPrefix("e") || text.hasPrefix("E") {
                // Beyond four digits an exponent can only mean "nothing" or "too much".
                guard let exponent = Int32(text.dropFirst()) else { return nil }
                decimalExponent = Int(max(-9999, min(9999, exponent)))
            } else {
                return nil
            }
        }
    }

    /// Up to twenty significant digits, which stay exact through every binary factor in 128 bits.
    private struct Decimal {
        private var digits: Int128 = 0
        private var isInexact = false
        var exponent = 0

        init?(prefixOf text: inout Substring.UTF8View.SubSequence) {
            var (hasDigit, hasPoint) = (false, false)
            while let byte = text.first {
                if byte == UInt8(ascii: "."), !hasPoint {
                    hasPoint = true
                } else if UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
                    hasDigit = true
                    append(Int128(byte - UInt8(ascii: "0")), behindPoint: hasPoint)
                } else {
                    break
                }
                text.removeFirst()
            }
            guard hasDigit else { return nil }
        }

        private mutating func append(_ digit: Int128, behindPoint: Bool) {
            if digits < 10_000_000_000_000_000_000 {
                digits = digits * 10 + digit
                if behindPoint { exponent -= 1 }
            } else {
                isInexact = isInexact || digit != 0
                if !behindPoint { exponent += 1 }
            }
        }

        /// The product, rounded up to an integer and cut at `most`.
        func integer(times factor: Int128, most: Int128) -> Int128 {
            var product = digits * factor
            var isInexact = isInexact
            var exponent = exponent
            while exponent > 0, product > 0, product < most {
                (product, exponent) = (product * 10, exponent - 1)
            }
            while exponent < 0, product > 0 {
                let (quotient, rest) = product.quotientAndRemainder(dividingBy: 10)
                isInexact = isInexact || rest != 0
                (product, exponent) = (quotient, exponent + 1)
            }
            return min(isInexact ? product + 1 : product, most)
        }
    }
}
