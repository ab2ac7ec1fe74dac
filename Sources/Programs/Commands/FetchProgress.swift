package import ImageStorage
internal import Linux

/// Shows how an import goes: a bar on a terminal, and warnings always.
package final class FetchProgress {
    private static let width = 30
    private let context: Context
    private let isTerminal = StandardStream.error.isTerminal
    private let verb: String
    private let isJSON: Bool
    private var hasBar = false

    /// Progress of one command, in its words; as JSON for a program that reads stderr.
    package init(_ context: Context, verb: String = "Importing", asJSON isJSON: Bool = false) {
        self.context = context
        self.verb = verb
        self.isJSON = isJSON
    }

    /// Takes what the fetcher tells.
    package func show(_ event: FetchEvent) {
        if isJSON {
            try? StandardStream.error.write(event.line)
            return
        }
        switch event {
        case .progress(let done, let total): showBar(done, total)
        case .warning(let text):
            end()
            context.complain("warning: \(text)")
        case .verified(let signer):
            end()
            context.complain("signature verified: \(signer)")
        case .waiting:
            end()
            context.complain("another rkt instance is downloading this file, waiting...")
        case .unchanged, .remote, .found: break
        case .stored, .failed: end()
        }
    }

    /// Takes the bar away.
    package func end() {
        guard hasBar else { return }
        try? StandardStream.error.write("\r\u{1B}[K")
        hasBar = false
    }

    private func showBar(_ done: UInt64, _ total: UInt64) {
        guard isTerminal, total > 0 else { return }
        let share = min(Double(done) / Double(total), 1)
        let filled = Int(share * Double(Self.width))
        let bar =
            String(repeating: "=", count: filled)
            + String(repeating: " ", count: Self.width - filled)
        try? StandardStream.error.write(
            "\r\(verb): [\(bar)] \(humanSize(done))/\(humanSize(total))\u{1B}[K"
        )
        hasBar = true
    }
}

/// A number of bytes in the largest binary unit that fits: `12 MiB`, `1.2 GiB`.
func humanSize(_ bytes: UInt64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var unit = 0
    // In tenths of the unit, which 64 bits can hold for all that follow.
    var rest = bytes
    var tenths: UInt64 = 0
    while rest >= 1024, unit < units.count - 1 {
        tenths = rest % 1024 * 10 / 1024
        rest /= 1024
        unit += 1
    }
    let fraction = unit > 0 && rest < 10 ? ".\(tenths)" : ""
    return "\(rest)\(fraction) \(units[unit])"
}
