internal import PodLifecycle

/// What is wrong with a command line, or how a command ends when its errors are already printed.
package enum CommandError: Error, Equatable, CustomStringConvertible {
    /// There is no such command.
    case unknownCommand(String)
    /// More than one command begins like that.
    case ambiguousCommand(String, [String])
    /// There is no such flag.
    case unknownFlag(String)
    /// rkt has the flag and we don't yet.
    case notBuilt(flag: String)
    /// The flag stands at the end, without its value.
    case missingValue(flag: String)
    /// The flag's value means nothing.
    case badValue(flag: String, String, reason: String)
    /// A value means nothing: thrown by a flag's closure, which doesn't know its name.
    case value(String)
    /// The command can't be used like that.
    case usage(String)
    /// It didn't work.
    case failed(String)
    /// Ends rkt with a code and without a word.
    case exit(Int32)

    package var description: String {
        switch self {
        case .unknownCommand(let name):
            "unknown command: \"\(printable(name))\" (see rkt help)"
        case .ambiguousCommand(let name, let candidates):
            "ambiguous command: \"\(printable(name))\" (\(candidates.joined(separator: ", ")))"
        case .unknownFlag(let flag): "unknown flag: \(printable(flag))"
        case .notBuilt(let flag): "\(flag) is not built yet"
        case .missingValue(let flag): "flag needs an argument: \(flag)"
        case .badValue(let flag, let value, let reason):
            "invalid argument \"\(printable(value))\" for \"\(flag)\": \(reason)"
        case .value(let reason), .usage(let reason), .failed(let reason): reason
        case .exit(let code): "exit code \(code)"
        }
    }
}
