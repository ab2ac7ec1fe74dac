/// One of the built programs, called with a directory of the test's own.
package protocol ProgramUnderTest {
    /// Starts one command and returns at once.
    func start(
        _ arguments: [String],
        environment: [String: String]?,
        input: String?
    ) throws -> Execution
}

extension ProgramUnderTest {
    /// Starts one command and returns at once.
    package func start(
        _ arguments: [String],
        environment: [String: String]? = nil
    ) throws -> Execution {
        try start(arguments, environment: environment, input: nil)
    }

    /// Runs one command and waits for it.
    @discardableResult
    package func callAsFunction(
        _ arguments: String...,
        environment: [String: String]? = nil,
        input: String? = nil,
        within seconds: Double = 60
    ) throws -> Outcome {
        try self(arguments, environment: environment, input: input, within: seconds)
    }

    /// Runs one command, given as a list, and waits for it.
    @discardableResult
    package func callAsFunction(
        _ arguments: [String],
        environment: [String: String]? = nil,
        input: String? = nil,
        within seconds: Double = 60
    ) throws -> Outcome {
        try start(arguments, environment: environment, input: input).finished(within: seconds)
    }
}
