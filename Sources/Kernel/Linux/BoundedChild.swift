internal import CLinux

/// A program that runs to its end with limited time and output.
///
/// It leads a process group, so the programs that it starts end with it when its time is up.
package struct BoundedChild: Sendable {
    /// The program's path.
    package let path: String
    /// What follows its name.
    package let arguments: [String]
    /// Its whole environment, `NAME=value` each.
    package let environment: [String]
    /// How many bytes it may write to standard output.
    package let outputLimit: Int
    /// How long it may run.
    package let milliseconds: Int64

    /// What is left when it has ended.
    package struct Outcome: Sendable {
        /// How it ended.
        package let status: ExitStatus
        /// What it wrote to standard output.
        package let output: [UInt8]
        /// The beginning of what it wrote to standard error.
        package let errors: [UInt8]
    }

    /// Why there is no outcome.
    package enum Failure: Error, Equatable, Sendable {
        /// It could not be started or watched.
        case system(Errno)
        /// Its time was up.
        case timeout
        /// It wrote more than it may.
        case output
    }

    private static let errorLimit = 4096
    private static let chunk = 16 << 10
    private static let kill: Int32 = 9

    /// Describes a run.
    package init(
        _ path: String,
        arguments: [String] = [],
        environment: [String],
        outputLimit: Int,
        milliseconds: Int64
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.outputLimit = outputLimit
        self.milliseconds = milliseconds
    }

    /// Runs the program to its end; it gets `input` and the two outputs as descriptors 0, 1 and 2, and no other.
    package func run(input: [UInt8]) throws(Failure) -> Outcome {
        let result: Result<Outcome, Failure>
        do throws(Errno) {
            result = try finished(input)
        } catch {
            throw .system(error)
        }
        return try result.get()
    }

    private func finished(_ input: [UInt8]) throws(Errno) -> Result<Outcome, Failure> {
        // A file instead of a pipe: neither side can wait for the other.
        let file = try Descriptor.sealedMemory(name: "input", input)
        try file.seek(to: 0)
        let output = try Pipe()
        let errors = try Pipe()
        let child = try Child.spawn(
            path,
            arguments: [path] + arguments,
            environment: environment,
            descriptors: [file.number, output.writing.number, errors.writing.number],
            inOwnGroup: true
        )
        let group = -child.pid
        var reading = Reading(output: output.readingEnd(), errors: errors.readingEnd())
        let failure: Failure?
        do throws(Errno) {
            failure = try reading.untilEnd(of: ProcessHandle(pid: child.pid), self)
        } catch {
            _ = linux_kill(group, Self.kill)
            _ = try child.wait()
            throw error
        }
        if failure != nil { _ = linux_kill(group, Self.kill) }
        let status = try child.wait()
        if let failure { return .failure(failure) }
        return .success(
            Outcome(status: status, output: reading.written, errors: reading.complaints)
        )
    }

    /// The outputs of a running program.
    private struct Reading: ~Copyable {
        let output: Descriptor
        let errors: Descriptor
        var written: [UInt8] = []
        var complaints: [UInt8] = []
        private var isOutputOpen = true
        private var isErrorsOpen = true

        init(output: consuming Descriptor, errors: consuming Descriptor) {
            self.output = output
            self.errors = errors
        }

        /// Reads until the process has ended, whoever else may still hold its outputs open.
        ///
        /// - Returns: why it has to be killed.
        mutating func untilEnd(
            of process: borrowing ProcessHandle,
            _ limits: BoundedChild
        ) throws(Errno) -> Failure? {
            let start = Time.monotonic()
            while true {
                let left = limits.milliseconds - start.milliseconds(to: .monotonic())
                guard left > 0 else { return .timeout }
                let ready = try wait(process, milliseconds: left)
                if ready & 0b001 != 0 { try readOutput() }
                if ready & 0b010 != 0 { try readErrors() }
                guard written.count <= limits.outputLimit else { return .output }
                // What it wrote is in the pipes by now: the end is only heeded when these are empty.
                if ready == 0b100 { return nil }
            }
        }

        private func wait(
            _ process: borrowing ProcessHandle,
            milliseconds: Int64
        ) throws(Errno) -> Int32 {
            let descriptors = [
                isOutputOpen ? output.number : -1, isErrorsOpen ? errors.number : -1,
                process.descriptor.number,
            ]
            return try check(
                unsafe linux_poll_any(
                    descriptors,
                    descriptors.count,
                    Int32(clamping: milliseconds)
                )
            )
        }

        private mutating func readOutput() throws(Errno) {
            let bytes = try output.read(upTo: BoundedChild.chunk)
            if bytes.isEmpty { isOutputOpen = false }
            written += bytes
        }

        private mutating func readErrors() throws(Errno) {
            let bytes = try errors.read(upTo: BoundedChild.chunk)
            if bytes.isEmpty { isErrorsOpen = false }
            complaints += bytes.prefix(BoundedChild.errorLimit - complaints.count)
        }
    }
}

extension Time {
    /// The milliseconds from this time to a later one, saturating.
    fileprivate func milliseconds(to later: Time) -> Int64 {
        (later.totalNanoseconds - totalNanoseconds) / 1_000_000
    }
}
