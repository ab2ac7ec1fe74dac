internal import Linux

/// `rkt help [COMMAND]`.
struct HelpCommand: Command {
    static let name = "help"
    static let summary = "Show a list of commands or global options"
    static let usage = "[COMMAND]"

    mutating func run(_ context: Context) throws {
        guard !context.arguments.isEmpty else {
            context.print(Help.overview(), terminator: "")
            return
        }
        switch try CommandName.find(context.arguments, among: Rkt.commands) {
        case .command(let command): context.print(Help.command(command), terminator: "")
        case .group:
            context.print(Help.group(context.arguments, among: Rkt.commands), terminator: "")
        }
    }
}
