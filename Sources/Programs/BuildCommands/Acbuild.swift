internal import Commands
internal import ImageBuilding
internal import Linux
internal import Stage0

/// The program `acbuild`: finds the command, runs it, and turns what it throws into text and an exit code.
package enum Acbuild {
    /// Something didn't work.
    static let failure: Int32 = 1
    /// What is to be removed isn't there.
    static let notFound: Int32 = 2
    /// The command line means nothing.
    static let wrongCommandLine: Int32 = 3

    /// Other names of commands, by the word they begin with.
    private static let synonyms = [
        "volume": "mount", "set-wd": "set-working-directory", "set-eh": "set-event-handler",
    ]

    /// Does what this process's command line says, and ends it.
    package static func start() -> Never {
        CurrentProcess.startClean()
        CurrentProcess.exit(main(CommandLine.arguments))
    }

    /// Runs the command of a command line, whose first element is the program's name.
    package static func main(_ arguments: [String]) -> Int32 {
        var words = Array(arguments.dropFirst())
        // As the first line of a script: `#!/usr/bin/acbuild-script`.
        if arguments.first?.hasSuffix("acbuild-script") == true { words = ["script"] + words }
        if arguments.first?.split(separator: "/").last == "actool" { words = Actool.words(words) }
        do throws(CommandError) {
            return try dispatch(words)
        } catch {
            return report(error, by: "acbuild")
        }
    }

    private static func dispatch(_ arguments: [String]) throws(CommandError) -> Int32 {
        var common = NoVerb()
        var parser = ArgumentParser<NoVerb>(arguments, flags: NoVerb.flags)
        var name: [String] = []
        while true {
            try parser.takeFlags(into: &common)
            guard let word = parser.take() else { break }
            name.append(canonical(word, at: name.count))
            switch try CommandName.find(name, among: commands) {
            case .group: continue
            case .command(let command):
                guard let verb = command as? any BuildVerb.Type else { continue }
                let asksForHelp = parser.asksForHelp
                return launch(
                    verb,
                    parser.takeRest(),
                    common.common,
                    parser.globals,
                    asksForHelp
                )
            }
        }
        return help(name, isAsked: parser.asksForHelp)
    }

    static func canonical(_ word: String, at index: Int) -> String {
        index == 0 ? synonyms[word] ?? word : word == "rm" ? "remove" : word
    }

    private static func help(_ name: [String], isAsked: Bool) -> Int32 {
        let text =
            name.isEmpty
            ? Help.overview(program) : Help.group(name, among: commands, of: "acbuild")
        try? StandardStream.output.write(text)
        return isAsked || !name.isEmpty ? 0 : failure
    }

    private static func launch<V: BuildVerb>(
        _ type: V.Type,
        _ arguments: [String],
        _ common: BuildOptions,
        _ globals: GlobalOptions,
        _ asksForHelp: Bool
    ) -> Int32 {
        var verb = V()
        verb.common = common
        var parser = ArgumentParser(arguments, flags: V.flags, globals: globals)
        do {
            if asksForHelp { return printHelp(type) }
            let operands = try verb.parse(&parser)
            if parser.asksForHelp { return printHelp(type) }
            let dataDirectory = try DataDirectory.path(parser.globals)
            let needsUserNamespace = V.needsUserNamespace || verb.common.modified != nil
            var context = Context(
                command: V.name,
                options: parser.globals,
                arguments: operands,
                dataDirectory: dataDirectory
            )
            if needsUserNamespace { context.userNamespaceRemark = try Rootless.enter() }
            try verb.run(context)
            return 0
        } catch {
            return parser.asksForHelp
                ? printHelp(type) : report(error, by: V.name)
        }
    }

    private static func printHelp<V: BuildVerb>(_ verb: V.Type) -> Int32 {
        try? StandardStream.output.write(Help.command(verb, of: "acbuild"))
        return 0
    }

    private static func report(_ error: any Error, by command: String) -> Int32 {
        if let error = error as? CommandError {
            switch error {
            case .exit(let code): return code
            case .usage, .failed: break
            case .unknownCommand(let name):
                complain("unknown command: \"\(name)\" (see acbuild help)", by: command)
                return wrongCommandLine
            default:
                complain(error, by: command)
                return wrongCommandLine
            }
        }
        complain(error, by: command)
        if case .notFound = error as? BuildError { return notFound }
        return failure
    }

    private static func complain(_ error: Any, by command: String) {
        try? StandardStream.error.write(Context.lines("\(error)", by: command))
    }
}
