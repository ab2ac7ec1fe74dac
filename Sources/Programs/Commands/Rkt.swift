internal import Linux
internal import Stage0

/// The program `rkt`: finds the command, runs it, and turns what it throws into text and an exit code.
package enum Rkt {
    /// The code for everything that rkt itself finds wrong.
    static let failure: Int32 = 254

    /// The exit code for no command at all.
    static let noCommand: Int32 = 2

    /// Does what this process's command line says, and ends it.
    package static func start() -> Never {
        CurrentProcess.startClean()
        let arguments = CurrentProcess.arguments
        // Repaired they would be others: a file or a variable that nobody meant.
        if let index = arguments.firstIndex(of: nil) {
            CurrentProcess.exit(
                report(CommandError.usage("argument \(index) is not UTF-8"), by: "rkt")
            )
        }
        CurrentProcess.exit(main(arguments.compactMap(\.self)))
    }

    /// Runs the command of a command line, whose first element is the program's name.
    ///
    /// - Returns: the exit code, unless the command became another program.
    package static func main(_ arguments: [String]) -> Int32 {
        do throws(CommandError) {
            return try dispatch(Array(arguments.dropFirst()))
        } catch {
            return report(error, by: "rkt")
        }
    }

    private static func dispatch(_ arguments: [String]) throws(CommandError) -> Int32 {
        var parser = ArgumentParser<Void>(arguments, flags: [])
        var name: [String] = []
        while true {
            var nothing: Void = ()
            try parser.takeFlags(into: &nothing)
            guard let word = parser.take() else { break }
            name.append(word)
            switch try CommandName.find(name, among: commands) {
            case .group: continue
            case .command where CommandName.isPart(name, before: parser.next, among: commands):
                continue
            case .command(is ImageFetchCommand.Type):
                let asksForHelp = parser.asksForHelp
                return launch(
                    FetchCommand.self,
                    parser.takeRest(),
                    parser.globals,
                    asksForHelp
                )
            case .command(let command):
                let asksForHelp = parser.asksForHelp
                return launch(command, parser.takeRest(), parser.globals, asksForHelp)
            }
        }
        return helpWithoutCommand(name, isAsked: parser.asksForHelp)
    }

    private static func helpWithoutCommand(_ name: [String], isAsked: Bool) -> Int32 {
        guard name.isEmpty else {
            try? StandardStream.output.write(Help.group(name, among: commands))
            return 0
        }
        if !isAsked { try? StandardStream.error.write("rkt: missing command\n") }
        try? StandardStream.output.write(Help.overview())
        return isAsked ? 0 : noCommand
    }

    private static func launch<C: Command>(
        _ type: C.Type,
        _ arguments: [String],
        _ globals: GlobalOptions,
        _ asksForHelp: Bool
    ) -> Int32 {
        var command = C()
        var parser = ArgumentParser(arguments, flags: C.flags, globals: globals)
        do {
            if asksForHelp { return printHelp(type) }
            let operands = try command.parse(&parser)
            if parser.asksForHelp { return printHelp(type) }
            // The directory is the user's own: it must be known before they become root of a namespace.
            var context = Context(
                command: C.name,
                options: parser.globals,
                arguments: operands,
                dataDirectory: try DataDirectory.path(parser.globals)
            )
            if C.needsUserNamespace { context.userNamespaceRemark = try Rootless.enter() }
            try command.run(context)
            return 0
        } catch {
            return parser.asksForHelp ? printHelp(type) : report(error, by: C.name)
        }
    }

    private static func printHelp<C: Command>(_ command: C.Type) -> Int32 {
        try? StandardStream.output.write(Help.command(command))
        return 0
    }

    private static func report(_ error: any Error, by command: String) -> Int32 {
        if case .exit(let code) = error as? CommandError { return code }
        try? StandardStream.error.write(Context.lines("\(error)", by: command))
        return failure
    }
}
