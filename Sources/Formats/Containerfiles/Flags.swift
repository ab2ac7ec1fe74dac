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

    /// Refuses what nobody took.
    func finish() throws(ContainerfileError) {
        guard let flag = flags.first else { return }
        throw ContainerfileError(
            line: line.number,
            "the flag --\(flag.name) of \(line.keyword) is not known"
        )
    }
}
