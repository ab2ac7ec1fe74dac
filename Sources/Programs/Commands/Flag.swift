/// A flag of a command, or of all of them, in the manner of pflag.
///
/// What it does is a closure, not a key path: a table of these costs next to nothing at a start.
package struct Flag<Options> {
    /// How the value of a flag is given.
    enum Value {
        /// `--flag value` or `--flag=value`.
        case required
        /// `--flag=value`; a bare `--flag` means this.
        case optional(bare: String)
        /// rkt has the flag and we don't yet.
        case notBuilt
    }

    let name: String
    var letter: Character?
    let value: Value
    /// What help shows behind the equals sign.
    let standard: String
    let help: String
    var isHidden = false
    let set: (inout Options, String) throws(CommandError) -> Void

    /// Any text; `set` refuses what it doesn't understand with ``CommandError/value(_:)``.
    package static func string(
        _ name: String,
        default standard: String = "",
        _ help: String,
        set: @escaping (inout Options, String) throws(CommandError) -> Void
    ) -> Flag {
        Flag(name: name, value: .required, standard: standard, help: help, set: set)
    }

    /// Text that may be left out, which then is `bare`.
    ///
    /// The value can only follow an equals sign.
    package static func optional(
        _ name: String,
        default standard: String = "",
        bare: String,
        _ help: String,
        set: @escaping (inout Options, String) throws(CommandError) -> Void
    ) -> Flag {
        Flag(name: name, value: .optional(bare: bare), standard: standard, help: help, set: set)
    }

    /// A flag that rkt has and we don't yet: whoever uses it is told.
    package static func notBuilt(_ name: String) -> Flag {
        Flag(name: name, value: .notBuilt, standard: "", help: "", isHidden: true) { _, _ in }
    }

    /// A flag that rkt has and we don't yet, but which may be switched off.
    package static func notBuiltSwitch(_ name: String) -> Flag {
        bool(name, "") { _, isOn throws(CommandError) in
            if isOn { throw .notBuilt(flag: "--" + name) }
        }.hidden()
    }

    /// The same flag, not shown in help.
    package func hidden() -> Flag {
        var flag = self
        flag.isHidden = true
        return flag
    }

    /// The same flag with a letter besides its name.
    package func short(_ letter: Character) -> Flag {
        var flag = self
        flag.letter = letter
        return flag
    }
}

extension Flag {
    /// A switch: bare means true, and a value follows only an equals sign.
    package static func bool(
        _ name: String,
        default standard: Bool = false,
        _ help: String,
        set: @escaping (inout Options, Bool) throws(CommandError) -> Void
    ) -> Flag {
        Flag(
            name: name,
            value: .optional(bare: "true"),
            standard: standard ? "true" : "false",
            help: help
        ) { options, text throws(CommandError) in
            guard let value = parseBool(text) else { throw .value("it is not true or false") }
            try set(&options, value)
        }
    }

    /// A comma-separated list; repeating the flag adds to it.
    package static func list(
        _ name: String,
        default standard: String = "",
        _ help: String,
        add: @escaping (inout Options, [String]) throws(CommandError) -> Void
    ) -> Flag {
        .string(name, default: standard, help) { options, text throws(CommandError) in
            let items = text.split(separator: ",", omittingEmptySubsequences: false)
            try add(&options, text.isEmpty ? [] : items.map(String.init))
        }
    }

    /// A length of time as Go writes it, for instance `30m`, `1h30m` or `1.5s`.
    package static func duration(
        _ name: String,
        default standard: String,
        _ help: String,
        set: @escaping (inout Options, Duration) throws(CommandError) -> Void
    ) -> Flag {
        .string(name, default: standard, help) { options, text throws(CommandError) in
            guard let value = Duration(goText: text) else {
                throw .value("it is not a duration such as 90s, 30m or 1h30m")
            }
            try set(&options, value)
        }
    }

    /// A decimal number in a range.
    package static func integer(
        _ name: String,
        default standard: String,
        _ help: String,
        in range: ClosedRange<Int64>,
        set: @escaping (inout Options, Int64) throws(CommandError) -> Void
    ) -> Flag {
        .string(name, default: standard, help) { options, text throws(CommandError) in
            guard let value = Int64(text), range.contains(value) else {
                throw .value(
                    "it is not a number between \(range.lowerBound) and \(range.upperBound)"
                )
            }
            try set(&options, value)
        }
    }
}

/// Reads a truth value as Go does.
package func parseBool(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
}
