/// What `rkt help` prints: on stdout, in rkt's sections.
struct Help {
    private var text = ""

    /// Help on everything.
    static func overview() -> String {
        var help = Help()
        help.section(
            "NAME",
            "rkt - run pods of applications from container images, without a daemon"
        )
        help.section("USAGE", "rkt [command] [flags]")
        help.section("VERSION", Version.rkt)
        help.commands(Rkt.commands)
        help.section(
            "DESCRIPTION",
            "A pod is one or more applications that start, stop and are limited together.\n"
                + "The pod's supervisor takes rkt's place: there is no daemon."
        )
        help.options("GLOBAL OPTIONS", GlobalOptions.flags)
        return help.text
    }

    /// Help on the commands of a group such as `image`, of which the words may be beginnings.
    static func group(_ words: [String], among all: [any Command.Type]) -> String {
        let commands = CommandName.group(words, among: all)
        let name = (commands.first?.name.split(separator: " ").prefix(words.count) ?? [])
            .joined(separator: " ")
        var help = Help()
        help.section("NAME", "rkt \(name) - a group of commands")
        help.section("USAGE", "rkt \(name) [command] [flags]")
        help.commands(commands)
        help.options("GLOBAL OPTIONS", GlobalOptions.flags)
        return help.text
    }

    /// Help on one command.
    static func command<C: Command>(_ command: C.Type) -> String {
        var help = Help()
        help.section("NAME", "rkt \(C.name) - \(C.summary)")
        help.section("USAGE", "rkt \(C.name)" + (C.usage.isEmpty ? "" : " " + C.usage))
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
        for command in commands where !(command is any NotBuiltCommand.Type) {
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
