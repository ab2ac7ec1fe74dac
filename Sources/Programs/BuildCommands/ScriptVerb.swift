internal import Commands
internal import ImageBuilding
internal import Linux

/// `acbuild script`.
struct ScriptVerb: BuildVerb {
    static let name = "script"
    static let summary = "Run a file of acbuild commands, or build a Containerfile"
    static let usage = "FILE [build's flags, for a Containerfile]"
    static let details = """
        FILE has one command a line, without the word acbuild; a backslash at the end of a line continues it, and "#" begins
        a comment. They work on a build of their own, which ends with the file.

        A file called Containerfile or Dockerfile, or beginning with FROM, is built as acbuild build does, its directory
        being the context.
        """
    var common = BuildOptions()

    mutating func parse(_ arguments: inout ArgumentParser<Self>) throws(CommandError) -> [String] {
        try arguments.takeFlags(into: &self)
        return arguments.takeRest()
    }

    // Commands and builds enter the user namespace by themselves.
    static let needsUserNamespace = false

    mutating func run(_ context: Context) throws {
        try refuseModify()
        guard let path = context.arguments.first else {
            throw CommandError.usage("script takes a file (see --help)")
        }
        let bytes = try readFile(path)
        let text = String(decoding: bytes, as: UTF8.self)
        if Self.isContainerfile(path, text) { return try build(path, context) }
        guard context.arguments.count == 1 else {
            throw CommandError.usage("unexpected argument \"\(context.arguments[1])\"")
        }
        let lines: [ScriptLine]
        do throws(ScriptError) { lines = try ScriptLine.parse(text) } catch {
            throw CommandError.failed("\(path): \(error)")
        }
        try run(lines, path, context)
    }

    static func isContainerfile(_ path: String, _ text: String) -> Bool {
        let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
        for known in ["containerfile", "dockerfile"]
        where name == known || name.hasPrefix(known + ".") || name.hasSuffix("." + known) {
            return true
        }
        let first = text.split(separator: "\n").lazy
            .map { $0.drop { $0 == " " || $0 == "\t" } }
            .first { !$0.isEmpty && !$0.hasPrefix("#") }
        return first?.uppercased().hasPrefix("FROM ") ?? false
    }

    private func build(_ path: String, _ context: Context) throws {
        let (_, parent) = try HostSource.split(path)
        try start(["build", "--file=\(path)"] + context.arguments.dropFirst() + [parent], context)
    }

    private func run(_ lines: [ScriptLine], _ path: String, _ context: Context) throws {
        let name = ".acbuild-script-\(randomHex(bytes: 6))"
        let parent = try Directory(path: common.workPath)
        try parent.makeDirectory(name)
        let workPath = "\(common.workPath)/\(name)"
        defer {
            // A build without an end ends here.
            if (try? parent.directory(name).contains(BuildContext.name)) == true {
                try? start(["--work-path=\(workPath)", "end"], context)
            }
            try? parent.removeTree(name)
        }
        for line in lines {
            if line.words[0] == "end" {
                throw CommandError.failed("\(path): line \(line.number): a script ends by itself")
            }
            var arguments = ["--work-path=\(workPath)"] + line.words
            if common.keepsNoHistory { arguments.insert("--no-history", at: 0) }
            do { try start(arguments, context) } catch CommandError.exit(let code) {
                context.complain("\(path): line \(line.number) failed")
                throw CommandError.exit(code)
            }
        }
    }

    /// Runs this program with other arguments; its exit code is ours if it fails.
    private func start(_ arguments: [String], _ context: Context) throws(CommandError) {
        var options = context.options
        options.directory = context.dataDirectory
        let status: ExitStatus
        do throws(Errno) {
            status = try Child.spawn(
                CurrentProcess.executablePath,
                arguments: ["acbuild"] + options.arguments + arguments
            ).wait()
        } catch { throw .failed("cannot start acbuild: \(error)") }
        switch status {
        case .exited(0): return
        case .exited(let code): throw .exit(code)
        case .signaled(let signal): throw .exit(128 + signal)
        }
    }
}

/// One command of a script.
struct ScriptLine: Equatable {
    /// Where it begins.
    let number: Int
    /// The command and its arguments.
    let words: [String]

    /// Reads the commands of a script.
    static func parse(_ text: String) throws(ScriptError) -> [ScriptLine] {
        var lines: [ScriptLine] = []
        var number = 0
        var (start, words, word, quote) = (1, [String](), String?.none, Character?.none)
        var isEscaped = false
        var isComment = false
        func finished(_ words: [String]) -> [String] {
            guard let first = words.first else { return [] }
            return withMark([first.lowercased()] + words.dropFirst())
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            if words.isEmpty, word == nil { start = number }
            isComment = false
            for character in line {
                if isComment { break }
                if isEscaped {
                    word = (word ?? "") + String(character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == quote {
                    quote = nil
                } else if quote == nil, character == "\"" || character == "'" {
                    quote = character
                    word = word ?? ""
                } else if quote == nil, character == "#" {
                    isComment = true
                } else if quote == nil, character == " " || character == "\t" {
                    if let done = word { words.append(done) }
                    word = nil
                } else {
                    word = (word ?? "") + String(character)
                }
            }
            if isEscaped {
                isEscaped = false
                continue
            }
            guard quote == nil else { throw ScriptError(line: start, "a quote is not closed") }
            if let done = word { words.append(done) }
            word = nil
            if !words.isEmpty { lines.append(ScriptLine(number: start, words: finished(words))) }
            words = []
        }
        guard words.isEmpty else { throw ScriptError(line: start, "the last line goes on") }
        return lines
    }

    /// What follows `run` and `set-exec` needn't be marked as the program's own.
    private static func withMark(_ words: [String]) -> [String] {
        guard words[0] == "run" || words[0] == "set-exec", !words.contains("--"),
            let program = words.dropFirst().firstIndex(where: { !$0.hasPrefix("-") })
        else { return words }
        return Array(words[..<program]) + ["--"] + words[program...]
    }
}

/// Why a script can't be run.
struct ScriptError: Error, CustomStringConvertible {
    let line: Int
    let reason: String

    init(line: Int, _ reason: String) {
        self.line = line
        self.reason = reason
    }

    var description: String { "line \(line): \(reason)" }
}
