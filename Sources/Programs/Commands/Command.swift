/// One verb of the command line: its flags are its properties, its work is ``run(_:)``.
package protocol Command {
    /// What the user types, for instance `list` or `image list`.
    static var name: String { get }
    /// One line for the list of commands.
    static var summary: String { get }
    /// What follows the name, for instance `[--force] UUID ...`.
    static var usage: String { get }
    /// Everything else a user must know; the summary unless there is more.
    static var details: String { get }
    /// The flags, in the order help shows them.
    static var flags: [Flag<Self>] { get }
    /// Whether an ordinary user needs a user namespace for it, to read or remove what other ids own.
    static var needsUserNamespace: Bool { get }

    /// The command with every flag at its default.
    init()

    /// Reads the arguments: flags into properties, and returns the rest.
    mutating func parse(_ arguments: inout ArgumentParser<Self>) throws(CommandError) -> [String]

    /// Does the work; throwing ends rkt with 254 after the error is printed.
    mutating func run(_ context: Context) throws
}

extension Command {
    package static var details: String { summary }
    package static var flags: [Flag<Self>] { [] }
    package static var needsUserNamespace: Bool { false }

    /// Flags may stand anywhere until a lone `--`.
    package mutating func parse(
        _ arguments: inout ArgumentParser<Self>
    ) throws(CommandError) -> [String] {
        var operands: [String] = []
        while true {
            try arguments.takeFlags(into: &self)
            guard let argument = arguments.take() else { return operands }
            if argument == "--" { return operands + arguments.takeRest() }
            operands.append(argument)
        }
    }
}
