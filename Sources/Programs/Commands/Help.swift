/// What `rkt help` prints, and other programs of ours too: on stdout, in rkt's sections.
package struct Help {
    /// What help says about a program as a whole.
    package struct Program {
        let name: String
        let summary: String
        let description: String
        let commands: [any Command.Type]

        /// Describes a program.
        package init(
            name: String,
            summary: String,
            description: String,
            commands: [any Command.Type]
        ) {
            self.name = name
            self.summary = summary
            self.description = description
            self.commands = commands
        }

        /// The program `rkt`.
        static var rkt: Program {
            Program(
                name: "rkt",
                summary: "run pods of applications from container images, without a daemon",
                description:
                    "A pod is one or more applications that start, stop and are limited together.\n"
                    + "The pod's supervisor takes rkt's place: there is no daemon.",
                commands: Rkt.commands
            )
        }
    }

    private var text = ""

    /// Help on everything.
    package static func overview(_ program: Program = .rkt) -> String {
        var help = Help()
        help.section("NAME", "\(program.name) - \(program.summary)")
        help.section("USAGE", "\(program.name) [command] [flags]")
        help.section("VERSION", Version.rkt)
        help.commands(program.commands)
        help.section("DESCRIPTION", program.description)
        help.options("GLOBAL OPTIONS", GlobalOptions.flags)
        return help.text
    }

    /// Help on the commands of a group such as `image`, of which the words may be beginnings.
    package static func group(
        _ words: [String],
        among all: [any Command.Type],
        of program: String = "rkt"
    ) -> String {
        let commands = CommandName.group(words, among: all)
        let name = (commands.first?.name.split(separator: " ").prefix(words.count) ?? [])
            .joined(separator: " ")
        var help = Help()
        help.section("NAME", "\(program) \(name) - a group of commands")
        help.section("USAGE", "\(program) \(name) [command] [flags]")
        help.commands(commands)
        help.options("GLOBAL OPTIONS", GlobalOptions.flags)
        return help.text
    }

    /// Help on one command.
    package static func command<C: Command>(
        _ command: C.Type,
        of program: String = "rkt"
    ) -> String {
        var help = Help()
        help.section("NAME", "\(program) \(C.name) - \(C.summary)")
        help.section("USAGE", "\(program) \(C.name)" + (C.usage.isEmpty ? "" : " " + C.usage))
        help.section("DESCRIPTION", C.details)
        help.options("OPTIONS", C.flags)
        help.options("GLOBAL OPTIONS", GlobalOptions.flags)
        return help.text
    }

    private mutating func section(_ title: String, _ lines: String) {
        text += title + ":\n"
        for line in lines.split(separator: "\n", omittingEmptySubsequences: false) {
            text += line.isEmpty ? "\n" : "\t\(line)\n"
        }
        text += "\n"
    }

    private mutating func commands(_ commands: [any Command.Type]) {
        var table = Table()
        for command in commands
        where !(command is any NotBuiltCommand.Type || command is any InternalCommand.Type) {
            table.append([command.name, command.summary])
        }
        section("COMMANDS", String(table.text.dropLast()))
    }

    private mutating func options<Options>(_ title: String, _ flags: [Flag<Options>]) {
        var table = Table()
        for flag in flags where !flag.isHidden {
            let letter = flag.letter.map { "-\($0), " } ?? ""
            table.append(["\(letter)--\(flag.name)=\(flag.standard)", flag.help])
        }
        if table.text.isEmpty { return }
        section(title, String(table.text.dropLast()))
    }
}
