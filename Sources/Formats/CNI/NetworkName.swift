/// The name of a network: letters, digits and, behind the first, `_`, `.` and `-`.
///
/// Such a name is safe as a file name: plugins keep leases in a directory that is named for the network.
package struct NetworkName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The name as text.
    package let text: String

    /// Names of networks are parts of file names, with other things behind them.
    package static let longest = 200

    /// Accepts a valid name; nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard (1...Self.longest).contains(text.utf8.count), let first = text.utf8.first,
            isAlphanumeric(first),
            text.utf8.allSatisfy({ isAlphanumeric($0) || "_.-".utf8.contains($0) })
        else { return nil }
        self.text = String(text)
    }

    package var description: String { text }

    package static func < (left: NetworkName, right: NetworkName) -> Bool {
        left.text < right.text
    }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}
