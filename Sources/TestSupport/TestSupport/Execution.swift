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
package final class Execution: @unchecked Sendable {
    private let process = Process()
    private let ended = DispatchSemaphore(value: 0)
    private let command: [String]
    private let outputPath: String
    private let errorPath: String
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
        let base = "\(NSTemporaryDirectory())/rkt-run-\(UUID().uuidString)"
        (outputPath, errorPath) = ("\(base).out", "\(base).err")
        for path in [outputPath, errorPath] {
            try Data().write(to: URL(fileURLWithPath: path))
        }
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        if let environment { process.environment = environment }
        process.standardOutput = try Self.open(outputPath)
        process.standardError = try Self.open(errorPath)
        if let input {
            let path = "\(base).in"
            try Data(input.utf8).write(to: URL(fileURLWithPath: path))
            process.standardInput = FileHandle(forReadingAtPath: path)
            try FileManager.default.removeItem(atPath: path)
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        let ended = ended
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
    }

    private static func open(_ path: String) throws -> FileHandle {
        try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    deinit {
        if outcome == nil { _ = finished(within: 0) }
    }

    /// The program's process id.
    package var pid: Int32 { process.processIdentifier }
    /// Whether it hasn't ended yet.
    package var isRunning: Bool { process.isRunning }
    /// What it has written to standard output so far.
    package var output: String { File.read(outputPath) ?? "" }
    /// What it has written to standard error so far.
    package var errors: String { File.read(errorPath) ?? "" }

    /// Sends a signal to this process alone.
    package func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for the end, and kills the program when its time is up.
    @discardableResult
    package func finished(within seconds: Double = 60) -> Outcome {
        if let outcome { return outcome }
        let limit = seconds * Machine.patience
        let isTimedOut = ended.wait(timeout: .now() + limit) == .timedOut
        if isTimedOut {
            kill(pid, SIGKILL)
            _ = ended.wait(timeout: .now() + 10)
        }
        process.waitUntilExit()
        let status = Int(process.terminationStatus)
        let result = Outcome(
            command: command,
            code: process.terminationReason == .exit ? status : 128 + status,
            isTimedOut: isTimedOut,
            output: output,
            errors: errors
        )
        outcome = result
        for path in [outputPath, errorPath] { try? FileManager.default.removeItem(atPath: path) }
        return result
    }
}

/// Runs a helper program of the machine that must succeed, and returns what it printed.
@discardableResult
package func tool(_ arguments: String..., input: String? = nil) throws -> String {
    let outcome = try Execution(["/usr/bin/env"] + arguments, input: input).finished(within: 300)
    guard outcome.succeeded else { throw ToolFailure(outcome: outcome) }
    return outcome.text
}

/// A helper program failed, so the test can't be made.
package struct ToolFailure: Error, CustomStringConvertible {
    /// What it said.
    package let outcome: Outcome

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
