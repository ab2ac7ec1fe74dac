import CSpawn
import Foundation

/// What a finished program left behind.
package struct Outcome: Sendable, CustomStringConvertible {
    /// The command line, for messages.
    package let command: [String]
    /// The exit code, or 128 and the number of the signal that ended it.
    package let code: Int
    /// Whether it had to be killed because its time was up.
    package let isTimedOut: Bool
    /// What it wrote to standard output.
    package let output: String
    /// What it wrote to standard error.
    package let errors: String

    /// Whether it ended by itself with exit code 0.
    package var succeeded: Bool { code == 0 && !isTimedOut }
    /// Standard output without the newline at its end.
    package var text: String { output.trimmingCharacters(in: .whitespacesAndNewlines) }
    /// Standard output, line by line.
    package var lines: [String] {
        output.split(whereSeparator: \.isNewline).map(String.init)
    }

    package var description: String {
        """
        \(command.joined(separator: " "))
        exit code \(code)\(isTimedOut ? " (time was up)" : "")
        --- output
        \(output)--- errors
        \(errors)
        """
    }
}

/// A program started by a test; its output goes to files, so it never waits for a reader.
///
/// Foundation's `Process` watches a descriptor that its child has to keep open, and `rkt` keeps none.
package final class Execution: @unchecked Sendable {
    /// The program's process id.
    package let pid: Int32
    private let command: [String]
    private let base: String
    private var outcome: Outcome?

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - command: An absolute path and its arguments.
    ///   - environment: The whole environment; nil hands on the test's own.
    ///   - input: What it reads from standard input.
    ///   - directory: Where it starts.
    package init(
        _ command: [String],
        environment: [String: String]? = nil,
        input: String? = nil,
        directory: String = "/"
    ) throws {
        self.command = command
        base = "/tmp/rkt-run-\(UUID().uuidString)"
        if let input { try Data(input.utf8).write(to: URL(fileURLWithPath: "\(base).in")) }
        let variables = environment.map { $0.map { "\($0.key)=\($0.value)" } }
        pid = unsafe CSpawnStart(
            Self.joined(command),
            Int32(command.count),
            Self.joined(variables ?? []),
            Int32(variables?.count ?? -1),
            directory,
            input == nil ? "/dev/null" : "\(base).in",
            "\(base).out",
            "\(base).err"
        )
        guard pid > 0 else { throw CannotStart(program: command[0], error: -pid) }
    }

    private static func joined(_ texts: [String]) -> [CChar] {
        texts.flatMap { $0.utf8.map { CChar(bitPattern: $0) } + [0] } + [0]
    }

    deinit {
        if outcome == nil { _ = finished(within: 0) }
    }

    /// Whether it hasn't ended yet.
    package var isRunning: Bool { outcome == nil && CSpawnIsRunning(pid) != 0 }
    /// What it has written to standard output so far.
    package var output: String { outcome?.output ?? File.read("\(base).out") ?? "" }
    /// What it has written to standard error so far.
    package var errors: String { outcome?.errors ?? File.read("\(base).err") ?? "" }

    /// Sends a signal to this process alone.
    package func signal(_ number: Int32) {
        if outcome == nil { kill(pid, number) }
    }

    /// Waits for the end, and kills the program when its time is up.
    @discardableResult
    package func finished(within seconds: Double = 60) -> Outcome {
        if let outcome { return outcome }
        var code = CSpawnWait(pid, Int32(seconds * Machine.patience * 1000))
        let isTimedOut = code < 0
        if isTimedOut {
            kill(pid, SIGKILL)
            code = CSpawnWait(pid, -1)
        }
        let result = Outcome(
            command: command,
            code: Int(code),
            isTimedOut: isTimedOut,
            output: output,
            errors: errors
        )
        outcome = result
        for kind in ["in", "out", "err"] { _ = unsafe unlink("\(base).\(kind)") }
        return result
    }
}

/// A program could not be started at all.
package struct CannotStart: Error {
    /// Which one.
    package let program: String
    /// The error's number.
    package let error: Int32
}

/// Runs a helper program of the machine that must succeed, and returns what it printed.
@discardableResult
package func tool(_ arguments: String..., input: String? = nil) throws -> String {
    try tool(arguments, input: input)
}

/// Runs a helper program, given as a list, that must succeed.
@discardableResult
package func tool(_ arguments: [String], input: String? = nil) throws -> String {
    let outcome = try Execution(["/usr/bin/env"] + arguments, input: input).finished(within: 300)
    guard outcome.succeeded else { throw ToolFailure(outcome: outcome) }
    return outcome.text
}

/// A helper program failed, so the test can't be made.
package struct ToolFailure: Error, CustomStringConvertible {
    /// What it said.
    package let outcome: Outcome

    /// Says that it failed.
    package init(outcome: Outcome) { self.outcome = outcome }

    package var description: String { outcome.description }
}

/// Waits until something holds, looking again every few milliseconds.
///
/// For what the kernel has no event for; whoever can wait for a process does that instead.
package func eventually(within seconds: Double = 10, _ holds: () throws -> Bool) rethrows -> Bool {
    let limit = Date(timeIntervalSinceNow: seconds * Machine.patience)
    while Date() < limit {
        if try holds() { return true }
        usleep(5000)
    }
    return try holds()
}
