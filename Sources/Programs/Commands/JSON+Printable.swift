internal import JSON
internal import PodLifecycle

extension JSON {
    /// The document fit for a terminal: control characters that JSON allows in a string are escaped, as in `printable`.
    ///
    /// They can stand in strings only, so what comes out is the same document.
    func printable(_ style: Style) -> String {
        let text = encoded(style)
        if text.utf8.allSatisfy({ $0 < 0x7F }) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.isASCII && scalar.value < 0x7F || !scalar.drivesTerminal {
                result.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
                }
            }
        }
        return result
    }
}
