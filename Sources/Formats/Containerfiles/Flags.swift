/// The `--name=value` words between an instruction and its arguments.
struct Flags {
    private let line: LogicalLine
    private var flags: [(name: String, value: String)] = []
    /// What follows them.
    let rest: String

    init(_ line: LogicalLine) {
        self.line = line
        var rest = Substring(line.rest)
        while rest.hasPrefix("--") {
            let word = rest.prefix { $0 != " " && $0 != "\t" }
            let parts = word.dropFirst(2).split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            flags.append((String(parts[0]), parts.count > 1 ? String(parts[1]) : ""))
            rest = rest[word.endIndex...].drop { $0 == " " || $0 == "\t" }
        }
        self.rest = String(rest)
    }

    /// Takes out the value of a flag.
    mutating func take(_ name: String) -> String? {
        guard let index = flags.firstIndex(where: { $0.name == name }) else { return nil }
        return flags.remove(at: index).value
    }

    /// Takes out all values of a flag that may stand more than once.
    mutating func takeAll(_ name: String) -> [String] {
        var values: [String] = []
        while let value = take(name) { values.append(value) }
        return values
    }

    /// Takes out a switch, which is on if it stands without a value; nil if it doesn't stand there.
    mutating func takeSwitch(_ name: String) throws(ContainerfileError) -> Bool? {
        switch take(name) {
        case nil: return nil
        case "", "true", "1": return true
        case "false", "0": return false
        case let text?:
            throw ContainerfileError(
                line: line.number,
                "--\(name) is true or false: \"\(text)\""
            )
        }
    }

    /// Refuses what nobody took.
    func finish() throws(ContainerfileError) {
        guard let flag = flags.first else { return }
        throw ContainerfileError(
            line: line.number,
            "the flag --\(flag.name) of \(line.keyword) is not known"
        )
    }
}
