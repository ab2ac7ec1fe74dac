internal import Containerfiles
internal import ImageStorage
internal import JSON
internal import Linux
internal import OCI

extension ContainerfileBuild {
    /// Carries out one instruction.
    func perform(
        _ instruction: Instruction,
        of stage: Int,
        _ state: inout StageState
    ) throws {
        switch instruction.kind {
        case .run(let program, let network, let mounts):
            return try run(program, network, mounts, instruction, of: stage, &state)
        case .copy(let copy): return try self.copy(copy, instruction, of: stage, &state)
        case .workdir(let path): return try changeDirectory(path, instruction, &state)
        case .arg(let arguments): try declare(arguments, &state)
        default: try edit(instruction, &state)
        }
        // Steps that only say something are quick: they are never looked up.
        var configuration = state.content.configuration
        configuration.history = []
        configuration.created = nil
        state.key = Self.key(state.key, instruction.text, configuration.json.encoded())
        state.note(instruction.text, hasLayer: false, date)
    }

    private func edit(_ instruction: Instruction, _ state: inout StageState) throws {
        var execution = state.content.configuration.execution
        func expand(_ text: String) throws -> String {
            let now = state
            return try Words.expand(text, escape: file.escape) { now.value($0) }
        }
        switch instruction.kind {
        case .env(let pairs):
            let expanded = try pairs.map { (try expand($0.name), try expand($0.value)) }
            for (name, value) in expanded {
                put("\(name)=\(value)", into: &execution.environment) {
                    $0.hasPrefix("\(name)=")
                }
            }
        case .label(let pairs):
            for pair in pairs { execution.labels[try expand(pair.name)] = try expand(pair.value) }
        case .user(let text): execution.user = try expand(text)
        case .expose(let texts):
            for text in texts {
                for port in try Self.ports(try expand(text))
                where !execution.exposedPorts.contains(port) {
                    execution.exposedPorts.append(port)
                }
            }
        case .volume(let paths):
            for path in paths {
                let expanded = try expand(path)
                guard !expanded.isEmpty else { throw BuildError.invalid("a volume has no path") }
                if !execution.volumes.contains(expanded) { execution.volumes.append(expanded) }
            }
        case .entrypoint(let program):
            execution.entrypoint = words(program, execution.shell)
            execution.command = []
        case .cmd(let program): execution.command = words(program, execution.shell)
        case .shell(let words): execution.shell = words
        case .stopSignal(let text): execution.stopSignal = try expand(text)
        case .healthCheck(let check):
            execution.healthCheck = check.map(Self.json) ?? ["Test": ["NONE"]]
        case .onBuild(let text): execution.onBuild.append(text)
        case .maintainer(let name): state.content.configuration.author = name
        case .run, .copy, .workdir, .arg: return
        }
        state.content.configuration.execution = execution
    }

    private func declare(
        _ arguments: [Instruction.Argument],
        _ state: inout StageState
    ) throws {
        let globals = try globalArguments()
        for argument in arguments {
            let now = state
            let standard = try argument.value.map {
                try Words.expand($0, escape: file.escape) { now.value($0) }
            }
            let value = options.arguments[argument.name] ?? standard ?? globals[argument.name]
            if let value { state.declare(argument.name, value) }
        }
    }

    /// `80`, `80/udp` or `8000-8010/tcp`.
    private static func ports(_ text: String) throws(BuildError) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let kind = parts.count > 1 ? parts[1].lowercased() : "tcp"
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
            .map { UInt16($0) ?? 0 }
        guard parts.count <= 2, ["tcp", "udp", "sctp"].contains(kind), let first = ends.first,
            let last = ends.last, ends.count <= 2, first > 0, first <= last
        else { throw .invalid("\"\(text)\" is not a port") }
        return (first...last).map { "\($0)/\(kind)" }
    }

    /// The words that are executed: text goes to the shell.
    func words(_ program: Instruction.Program, _ shell: [String]) -> [String] {
        switch program {
        case .words(let words): words
        case .shell(let text): (shell.isEmpty ? ["/bin/sh", "-c"] : shell) + [text]
        }
    }

    private static func json(_ check: HealthCheck) -> JSON {
        let test: [String] =
            switch check.program {
            case .words(let words): ["CMD"] + words
            case .shell(let text): ["CMD-SHELL", text]
            }
        var members: [JSON.Member] = [.init("Test", .array(test.map { .string($0) }))]
        let times = [
            ("Interval", check.interval), ("Timeout", check.timeout),
            ("StartPeriod", check.startPeriod), ("StartInterval", check.startInterval),
            ("Retries", check.retries),
        ]
        for (name, value) in times where value != 0 {
            members.append(.init(name, .integer(value)))
        }
        return .object(members)
    }

    private func changeDirectory(
        _ path: String,
        _ instruction: Instruction,
        _ state: inout StageState
    ) throws {
        let now = state
        let expanded = try Words.expand(path, escape: file.escape) { now.value($0) }
        guard !expanded.isEmpty else { throw BuildError.invalid("WORKDIR takes a path") }
        let target = absolute(expanded, state)
        state.content.configuration.execution.workingDirectory = target
        let status = try root(state.layers).resolve(Array(target.utf8)).status
        if status?.kind == .directory {
            state.key = Self.key(state.key, "WORKDIR", target)
            state.note(instruction.text, hasLayer: false, date)
            return
        }
        let key = Self.key(state.key, "WORKDIR", target)
        try addLayer(key, instruction, &state) { (layers, place) in
            try stage(above: layers, as: place) { (staging) throws(BuildError) in
                try staging.makeDirectory(Array(target.utf8))
            }
        }
    }

    /// A path of the image: relative ones begin at the working directory; `.` and `..` are taken out.
    func absolute(_ path: String, _ state: StageState) -> String {
        let directory = state.content.configuration.execution.workingDirectory
        let whole = path.hasPrefix("/") ? path : directory + "/" + path
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
