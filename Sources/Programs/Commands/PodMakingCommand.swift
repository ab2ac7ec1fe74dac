internal import AppContainer
internal import ImageStorage
internal import Stage0

/// A command whose command line describes a pod.
protocol PodMakingCommand: Command {
    /// What was described so far.
    var arguments: PodArguments { get set }
}

extension PodMakingCommand {
    static var needsUserNamespace: Bool { true }

    mutating func parse(
        _ parser: inout ArgumentParser<Self>
    ) throws(CommandError) -> [String] {
        while true {
            try parser.takeFlags(into: &self)
            guard let token = parser.take() else { break }
            switch token {
            case "", "---": break
            case "--": try arguments.takeAppArguments(&parser)
            default: arguments.add(image: token)
            }
        }
        if !parser.asksForHelp { try arguments.check() }
        return []
    }

    /// The flags about the pod's contents, which stay with it.
    static var contentFlags: [Flag<Self>] {
        [
            .string("volume", "volumes to make available in the pod") {
                command,
                text throws(CommandError) in
                let volume = try reading { () throws(ManifestError) in try Volume(flag: text) }
                command.arguments.volumes.append(volume)
            },
            .string("port", "ports to expose on the host: NAME:[HOSTIP:]HOSTPORT, HOSTPORT:PODPORT")
            {
                command,
                text throws(CommandError) in try command.arguments.add(port: text)
            },
            .bool("inherit-env", "inherit all environment variables not set by apps") {
                $0.arguments.inheritsEnvironment = $1
            },
            .string("set-env", "environment variable to set for all apps in the form key=value") {
                command,
                text throws(CommandError) in
                try command.arguments.set(try variable(text))
            },
            .string("set-env-file", "path to an environment variables file") {
                $0.arguments.environmentFiles.append($1)
            },
            .bool("no-overlay", "disable overlay filesystem") { $0.arguments.copiesRoots = $1 },
            .string("pull-policy", default: "new", "when to pull an image: never, new, update") {
                command,
                text throws(CommandError) in
                guard let policy = PullPolicy(rawValue: text) else {
                    throw .value("it is not never, new or update")
                }
                try command.arguments.pullPolicy.set(policy)
            },
            .bool("store-only", "the same as --pull-policy=never") {
                command,
                isOn throws(CommandError) in
                if isOn { try command.arguments.pullPolicy.set(.never) }
            }.hidden(),
            .bool("no-store", "the same as --pull-policy=update") {
                command,
                isOn throws(CommandError) in
                if isOn { try command.arguments.pullPolicy.set(.update) }
            }.hidden(),
            .string("pod-manifest", "the path to the pod manifest to run") {
                $0.arguments.manifestFile = $1
            },
        ]
    }

    /// Flags of rkt's that belong to later work: whoever uses one is told.
    static var laterFlags: [Flag<Self>] {
        [
            "stdin", "stdout", "stderr", "stage1-url", "stage1-name", "stage1-hash",
        ].map { .notBuilt($0) } + [.notBuiltSwitch("private-users")]
    }

    static func variable(_ text: String) throws(CommandError) -> EnvironmentVariable {
        guard let variable = EnvironmentVariable(assignment: text) else {
            throw .value("it is not NAME=value")
        }
        return variable
    }
}

/// Reads the value of a flag; the flag's name is put before what is wrong with it.
func reading<Value>(_ body: () throws(ManifestError) -> Value) throws(CommandError) -> Value {
    do throws(ManifestError) {
        return try body()
    } catch {
        throw .value(error.description)
    }
}
