/// Text from an image or a user, fit for a terminal: control characters are escaped, so that no name can move the
/// cursor, recolour what follows or forge a line.
package func printable(_ text: some StringProtocol) -> String {
    if text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return String(text) }
    var result = ""
    for scalar in text.unicodeScalars {
        if scalar.drivesTerminal {
            result += scalar.escaped(asASCII: true)
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}

extension Unicode.Scalar {
    /// Whether a terminal may do something else with it than show it.
    package var drivesTerminal: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
        default: false
        }
    }
}
