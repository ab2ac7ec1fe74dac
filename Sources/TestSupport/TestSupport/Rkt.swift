import Foundation

/// The built `rkt` with a data directory of the test's own.
package struct Rkt: ProgramUnderTest, Sendable {
    /// Where the programs under test lie: `bin/rkt`, `lib/rkt/…`, `test/probe`.
    package static let dist: String = {
        let given = ProcessInfo.processInfo.environment["RKT_DIST"]
        return given ?? "\(packageDirectory)/dist"
    }()

    /// The package's directory, found from where this file was compiled.
    package static let packageDirectory: String = {
        let upwards = [#filePath, "..", "..", "..", ".."].joined(separator: "/")
        return URL(fileURLWithPath: upwards).standardizedFileURL.path
    }()

    /// The program under test.
    package static let program = "\(dist)/bin/rkt"
    /// The program that runs inside test pods.
    package static let probe = "\(dist)/test/probe"

    /// The test's own directory; the data directory lies in it.
    package let scratch: Scratch
    private let keeper: PodKeeper
    /// What comes in front of each command: the way onto the host that the commands run on.
    private let prefix: [String]

    /// The data directory handed to every command.
    package var data: String { keeper.data }

    /// Makes an empty data directory and imports images into it.
    package init(_ images: [String] = [], on host: TestHost? = nil) throws {
        scratch = try Scratch()
        prefix = host?.prefix ?? []
        keeper = PodKeeper(data: scratch("data"), scratch: scratch)
        for image in images { try fetch(image) }
    }

    /// Starts one command and returns at once.
    package func start(
        _ arguments: [String],
        environment: [String: String]?,
        input: String?
    ) throws -> Execution {
        try Execution(
            prefix + [Self.program, "--dir=\(data)"] + arguments,
            environment: environment,
            input: input,
            directory: scratch.path
        )
    }

    /// Starts a pod in the background and returns once its apps run.
    package func startPod(_ arguments: [String]) throws -> BackgroundPod {
        let name = "uuid-\(UUID().uuidString.prefix(8))"
        let execution = try start(["run", "--uuid-file-save=\(scratch(name))"] + arguments)
        guard eventually({ !(scratch.read(name) ?? "").isEmpty || !execution.isRunning }),
            let uuid = scratch.read(name)?.trimmingCharacters(in: .whitespacesAndNewlines),
            !uuid.isEmpty
        else { throw ToolFailure(outcome: execution.finished(within: 1)) }
        let pod = BackgroundPod(rkt: self, uuid: uuid, execution: execution)
        guard eventually({ !pod.startedApps.isEmpty || !execution.isRunning }) else {
            throw ToolFailure(outcome: execution.finished(within: 1))
        }
        return pod
    }

    /// Runs one command on a terminal of its own, 91 columns wide and 33 lines high.
    ///
    /// - Parameters:
    ///   - input: What the user types.
    ///   - prompt: What has to be on the screen before the user types.
    package func onTerminal(
        _ arguments: [String],
        input: String = "",
        prompt: String = "",
        within seconds: Double = 30
    ) throws -> Outcome {
        try Execution(
            ["/usr/bin/python3", "-c", Self.terminal, input, prompt]
                + [Self.program, "--dir=\(data)"] + arguments,
            directory: scratch.path
        ).finished(within: seconds)
    }

    // The terminal's other end: reads until the program is gone, types once when it is asked to.
    private static let terminal = """
        import fcntl, os, pty, struct, sys, termios
        typed, prompt, command = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
        child, screen = pty.fork()
        if child == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 91, 0, 0))
            os.execv(command[0], command)
        seen = b""
        while True:
            if typed and prompt in seen:
                os.write(screen, typed)
                typed = b""
            try:
                block = os.read(screen, 4096)
            except OSError:
                break
            if not block:
                break
            seen += block
        sys.stdout.buffer.write(seen.replace(b"\\r\\n", b"\\n"))
        sys.stdout.flush()
        status = os.waitpid(child, 0)[1]
        sys.exit(os.waitstatus_to_exitcode(status) % 256)
        """

    /// Imports an image, or throws with what the command said.
    @discardableResult
    package func fetch(_ image: String) throws -> String {
        let outcome = try self("--insecure-options=image", "fetch", image, within: 120)
        guard outcome.succeeded else { throw ToolFailure(outcome: outcome) }
        return outcome.lines.last ?? ""
    }

    /// Prepares a pod and returns its UUID.
    package func prepare(_ arguments: [String]) throws -> String {
        let outcome = try self(["prepare"] + arguments)
        guard outcome.succeeded else { throw ToolFailure(outcome: outcome) }
        return outcome.lines.last ?? ""
    }

    /// The lines `key=value` of `rkt status`.
    package func status(_ uuid: String) throws -> [String: String] {
        pairs(try self("status", uuid).output)
    }

    /// The pods lying in one of the directories below `pods`.
    package func pods(in phase: String) -> [String] {
        scratch.list("data/pods/\(phase)")
    }
}

/// A pod that a test keeps running.
package struct BackgroundPod: Sendable {
    /// The engine it belongs to.
    package let rkt: Rkt
    /// Its UUID.
    package let uuid: String
    /// The `rkt run` that became its supervisor.
    package let execution: Execution

    /// The names of its apps that have been started.
    package var startedApps: [String] {
        rkt.scratch.list("data/pods/run/\(uuid)/stage1/rootfs/rkt/status")
            .filter { $0.hasSuffix("-started") }
            .map { String($0.dropLast("-started".count)) }
            .filter { pid(of: $0) != nil }
    }

    /// The host's process id of an app.
    package func pid(of app: String) -> Int32? {
        let path = "data/pods/run/\(uuid)/stage1/rootfs/rkt/status/\(app)-started"
        return rkt.scratch.read(path).flatMap {
            Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    /// Stops it at once and returns how `rkt run` ended.
    @discardableResult
    package func stop() throws -> Outcome {
        try rkt("stop", "--force", uuid)
        return execution.finished(within: 15)
    }
}

/// Ends whatever a test left running when nobody refers to its data directory any more.
private final class PodKeeper: Sendable {
    let data: String
    private let scratch: Scratch

    init(data: String, scratch: Scratch) {
        self.data = data
        self.scratch = scratch
    }

    deinit {
        for uuid in File.list("\(data)/pods/run") {
            let ppid = File.read("\(data)/pods/run/\(uuid)/ppid")
            let pid = ppid.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
            if let pid, pid > 1, isOurs(pid) { kill(pid, SIGKILL) }
        }
        guard File.exists("\(data)/pods") else { return }
        _ = try? Execution([
            Rkt.program, "--dir=\(data)", "gc", "--grace-period=0s", "--expire-prepared=0s",
        ]).finished(within: 30)
    }

    // The id may have been reused by the time we look: only a process that holds the pod's
    // directory open is the pod's supervisor.
    private func isOurs(_ pid: Int32) -> Bool {
        File.list("/proc/\(pid)/fd").contains { descriptor in
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(pid)/fd/\(descriptor)"
            )
            return target?.hasPrefix(data) ?? false
        }
    }
}

/// Reads lines of the form `key=value`; the last one of a key wins.
package func pairs(_ text: String) -> [String: String] {
    var result: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
        guard let split = line.firstIndex(of: "=") else { continue }
        result[String(line[..<split])] = String(line[line.index(after: split)...])
    }
    return result
}
