internal import Addresses

/// A host with the port that may follow it, as it stands in a name or URL: `HOST`, `HOST:PORT`, `[ADDRESS]`,
/// `[ADDRESS]:PORT`.
package struct Authority: Sendable, Hashable, CustomStringConvertible {
    /// A host's name or IPv4 address as typed, or an IPv6 address in brackets, as RFC 5952 writes it.
    package let host: String
    /// The port; nil for the usual one.
    package let port: UInt16?

    /// Reads a host; nil if it isn't one.
    package init?(_ text: some StringProtocol) {
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]"),
                let address = IPAddress(text[text.index(after: text.startIndex)..<end]),
                address.version == .six
            else { return nil }
            host = "[\(address)]"
            rest = Substring(text[text.index(after: end)...])
        } else {
            let name = text.prefix { $0 != ":" }
            guard Self.isHostName(name) else { return nil }
            host = String(name)
            rest = Substring(text[name.endIndex...])
        }
        guard !rest.isEmpty else {
            port = nil
            return
        }
        guard rest.hasPrefix(":"), rest.dropFirst().utf8.allSatisfy(isDigit),
            let port = UInt16(rest.dropFirst()), port > 0
        else { return nil }
        self.port = port
    }

    /// The host as it stands in names of images, where appc allows neither colons nor brackets: `[2001:db8::1]` is
    /// `2001_db8__1`, `[::1]` is `0__1`.
    package var nameOfHost: String {
        guard host.hasPrefix("[") else { return host }
        let text = host.dropFirst().dropLast().map { $0 == ":" ? "_" : $0 }
        return (text.first == "_" ? "0" : "") + String(text) + (text.last == "_" ? "0" : "")
    }

    package var description: String { port.map { "\(host):\($0)" } ?? host }

    /// Letters and digits of any case and dashes between dots.
    private static func isHostName(_ text: some StringProtocol) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            1...63 ~= label.utf8.count && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "-") }
        }
    }
}

private func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

private func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    default: false
    }
}
