/// A command of rkt that we don't have yet: it says so, whatever it is given.
protocol NotBuiltCommand: Command {}

extension NotBuiltCommand {
    static var summary: String { "Not built yet" }
    static var usage: String { "" }

    /// Its flags don't exist yet either.
    mutating func parse(
        _ arguments: inout ArgumentParser<Self>
    ) throws(CommandError) -> [String] { arguments.takeRest() }

    mutating func run(_ context: Context) throws {
        throw CommandError.failed("rkt \(Self.name) is not built yet")
    }
}

/// `rkt image export`.
struct ImageExportCommand: NotBuiltCommand { static let name = "image export" }

/// `rkt image extract`.
struct ImageExtractCommand: NotBuiltCommand { static let name = "image extract" }

/// `rkt image render`.
struct ImageRenderCommand: NotBuiltCommand { static let name = "image render" }

/// `rkt image verify`.
struct ImageVerifyCommand: NotBuiltCommand { static let name = "image verify" }
