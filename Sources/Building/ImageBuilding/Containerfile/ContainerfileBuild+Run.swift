internal import AppContainer
internal import Containerfiles
internal import ImageStorage
internal import Linux
internal import OCI
internal import Stage0

extension ContainerfileBuild {
    private static let proxies = [
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy",
        "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy",
    ]

    func run(
        _ program: Instruction.Program,
        _ network: String,
        _ mounts: [RunMount],
        _ instruction: Instruction,
        of index: Int,
        _ state: inout StageState
    ) throws {
        let configuration = state.content.configuration
        let words = try script(program, instruction, configuration.execution.shell)
        let network = network == "default" ? options.network : network
        let arguments = state.arguments.filter { state.value($0.key) == $0.value }
        let known = arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let planned = try plan(mounts, before: index, state)
        let key = Self.key(
            state.key,
            "RUN",
            words.joined(separator: "\u{0}"),
            known.joined(separator: "\u{0}"),
            network,
            planned.map(\.key).joined(separator: "\u{0}")
        )
        try addLayer(key, instruction, &state) { (layers, place) in
            var app = try App(configuration)
            app.exec = words
            app.isOCI = false
            app.mountPoints = []
            if app.group == .primary, case .id = app.user { app.group = .id(0) }
            let passed = Self.proxies.compactMap { name in
                options.arguments[name].map { (name, $0) }
            }
            for (name, value) in arguments + passed {
                guard let variable = EnvironmentVariable(name: name, value: value) else { continue }
                app.environment.append(variable)
            }
            var run = StepRun(app, library: library, warn: warn)
            run.network = network == "none" ? .none : .host
            let attached = try attach(planned, to: &run)
            defer { attached.release(workshop) }
            let changes = try run.run(above: layers, in: workshop)
            defer { changes.release(in: workshop) }
            try step("keep the changes") { () throws(Errno) in
                try workshop.directory.directory(changes.parent)
                    .rename(changes.name, to: place.parent, as: place.name)
            }
        }
    }

    /// A document alone is the script itself; with a command it is that command's input, by the shell's own means.
    private func script(
        _ program: Instruction.Program,
        _ instruction: Instruction,
        _ shell: [String]
    ) throws(BuildError) -> [String] {
        guard !instruction.documents.isEmpty, case .shell(let text) = program else {
            return words(program, shell)
        }
        if text.hasPrefix("<<"), !text.contains(" "), let only = instruction.documents.first {
            guard only.text.hasPrefix("#!") else { return words(.shell(only.text), shell) }
            let line = only.text.dropFirst(2).prefix { $0 != "\n" }
            let interpreter = line.split(separator: " ").map(String.init)
            guard !interpreter.isEmpty else { throw .invalid("the script names no interpreter") }
            return interpreter + ["-c", only.text]
        }
        var whole = text + "\n"
        for document in instruction.documents { whole += document.text + document.name + "\n" }
        return words(.shell(whole), shell)
    }
}
