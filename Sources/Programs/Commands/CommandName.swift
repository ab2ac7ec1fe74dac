/// What the words before the flags name: a command, or a group of commands such as `image`.
package enum CommandName {
    /// A command.
    case command(any Command.Type)
    /// The beginning of several commands.
    case group

    /// Finds a command by its words or by unambiguous beginnings of them.
    package static func find(
        _ words: [String],
        among commands: [any Command.Type]
    ) throws(CommandError) -> CommandName {
        let candidates = group(words, among: commands)
        guard let first = candidates.first else {
            throw .unknownCommand(words.joined(separator: " "))
        }
        let heads = Set(candidates.map { $0.name.split(separator: " ").prefix(words.count) })
        guard heads.count == 1 else {
            let names = heads.map { $0.joined(separator: " ") }.sorted()
            throw .ambiguousCommand(words.joined(separator: " "), names)
        }
        return first.name.split(separator: " ").count == words.count ? .command(first) : .group
    }

    /// Whether the words, a command by themselves, are the beginning of a longer one: `trust` before `list` is.
    ///
    /// What follows must be spelled out, as it may be the command's first argument.
    static func isPart(
        _ words: [String],
        before next: String?,
        among commands: [any Command.Type]
    ) -> Bool {
        guard let next, case .command(let command)? = try? find(words, among: commands) else {
            return false
        }
        return commands.contains { $0.name == "\(command.name) \(next)" }
    }

    /// All commands that the words may mean; a word spelled out means nothing else.
    package static func group(
        _ words: [String],
        among commands: [any Command.Type]
    ) -> [any Command.Type] {
        var candidates = commands
        for (index, word) in words.enumerated() {
            let matching = candidates.filter { self.word(index, of: $0)?.hasPrefix(word) == true }
            let exact = matching.filter { self.word(index, of: $0)?.elementsEqual(word) == true }
            candidates = exact.isEmpty ? matching : exact
        }
        return candidates
    }

    private static func word(_ index: Int, of command: any Command.Type) -> Substring? {
        let words = command.name.split(separator: " ")
        return index < words.count ? words[index] : nil
    }
}
