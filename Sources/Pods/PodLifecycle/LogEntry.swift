package import Linux

/// One line, or a part of a long one, that an app has printed.
package struct LogEntry: Equatable, Sendable {
    /// The app.
    package let app: String
    /// When it was printed.
    package let time: Time
    /// Whether it was printed on stderr.
    package let isError: Bool
    /// Whether a line ends here.
    package let isComplete: Bool
    /// What was printed, without the end of the line.
    package let text: [UInt8]

    /// Reads a line of the CRI log format, `TIME STREAM TAGS TEXT`; nil if it isn't one.
    package init?(app: String, criLine line: some Collection<UInt8>) {
        let space = UInt8(ascii: " ")
        let fields = line.split(separator: space, maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 4, let time = Time(rfc3339: fields[0]) else { return nil }
        switch String(decoding: fields[1], as: UTF8.self) {
        case "stdout": isError = false
        case "stderr": isError = true
        default: return nil
        }
        switch fields[2].first {
        case UInt8(ascii: "F"): isComplete = true
        case UInt8(ascii: "P"): isComplete = false
        default: return nil
        }
        self.app = app
        self.time = time
        text = Array(fields[3])
    }
}
