/// Reads the arguments of one command from left to right.
///
/// The command's flags and the global ones may stand anywhere a command lets them, in pflag's spelling.
package struct ArgumentParser<Options> {
    /// The global flags met so far.
    package private(set) var globals: GlobalOptions
    /// Whether `--help` or `-h` was met.
    package private(set) var asksForHelp = false
    private let arguments: [String]
    private var index = 0
    private let flags: [Flag<Options>]

    /// Starts before the first argument.
    package init(
        _ arguments: [String],
        flags: [Flag<Options>],
        globals: GlobalOptions = GlobalOptions()
    ) {
        self.arguments = arguments
        self.flags = flags
        self.globals = globals
    }

    /// The argument that comes next, which isn't taken by asking.
    package var next: String? { index < arguments.count ? arguments[index] : nil }

    /// Takes the next argument as it is; nil at the end.
    package mutating func take() -> String? {
        guard let argument = next else { return nil }
        index += 1
        return argument
    }

    /// Takes all arguments that are left, as they are.
    package mutating func takeRest() -> [String] {
        defer { index = arguments.count }
        return Array(arguments[index...])
    }

    /// Takes flags up to the first argument that is none; `-`, `--` and `---` are none.
    package mutating func takeFlags(into options: inout Options) throws(CommandError) {
        while let argument = next, argument.utf8.first == UInt8(ascii: "-") {
            if argument == "-" || argument == "--" || argument == "---" { return }
            index += 1
            if argument.hasPrefix("--") {
                let parts = argument.split(separator: "=", maxSplits: 1)
                let value = argument.firstIndex(of: "=").map {
                    String(argument[argument.index(after: $0)...])
                }
                try takeFlag(String(parts[0].dropFirst(2)), value, into: &options)
            } else {
                try takeLetters(argument.dropFirst(), into: &options)
            }
        }
    }

    private mutating func takeFlag(
        _ name: String,
        _ value: String?,
        into options: inout Options
    ) throws(CommandError) {
        if let flag = flags.first(where: { $0.name == name }) {
            try apply(flag, value, &options)
        } else if let flag = GlobalOptions.flags.first(where: { $0.name == name }) {
            var globals = self.globals
            try apply(flag, value, &globals)
            self.globals = globals
        } else if name == "help" {
            asksForHelp = true
        } else {
            throw .unknownFlag("--" + name)
        }
    }

    /// Letters stand behind one dash, each a switch but the last.
    private mutating func takeLetters(
        _ letters: Substring,
        into options: inout Options
    ) throws(CommandError) {
        for letter in letters {
            if let flag = flags.first(where: { $0.letter == letter }) {
                try apply(flag, nil, &options)
            } else if letter == "h" {
                asksForHelp = true
            } else {
                throw .unknownFlag("-" + letters)
            }
        }
    }

    private mutating func apply<Target>(
        _ flag: Flag<Target>,
        _ given: String?,
        _ target: inout Target
    ) throws(CommandError) {
        let text: String
        switch flag.value {
        case .notBuilt: throw .notBuilt(flag: "--" + flag.name)
        case .optional(let bare): text = given ?? bare
        case .required:
            guard let value = given ?? take() else {
                throw .missingValue(flag: "--" + flag.name)
            }
            text = value
        }
        do throws(CommandError) {
            try flag.set(&target, text)
        } catch {
            guard case .value(let reason) = error else { throw error }
            throw .badValue(flag: "--" + flag.name, text, reason: reason)
        }
    }
}
