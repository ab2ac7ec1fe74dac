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

/// `rkt api-service`.
struct ApiServiceCommand: NotBuiltCommand { static let name = "api-service" }

/// `rkt app`.
struct AppCommand: NotBuiltCommand { static let name = "app" }

/// `rkt attach`.
struct AttachCommand: NotBuiltCommand { static let name = "attach" }

/// `rkt completion`.
struct CompletionCommand: NotBuiltCommand { static let name = "completion" }

/// `rkt metadata-service`.
struct MetadataServiceCommand: NotBuiltCommand { static let name = "metadata-service" }
