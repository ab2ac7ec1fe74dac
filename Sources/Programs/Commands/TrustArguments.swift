internal import AppContainer
internal import References
internal import Trust

/// Which images a key is for, as `--prefix` and `--root` say it.
struct TrustArguments {
    private(set) var scope: KeyScope?
    /// The prefix as its host is asked for keys: with a port, if it was given with one.
    private(set) var typedPrefix = ""

    /// The flags, for a command that keeps the arguments at a path.
    static func flags<C: Command>(_ path: WritableKeyPath<C, TrustArguments>) -> [Flag<C>] {
        [
            .string("prefix", "prefix to limit trust to") { command, text throws(CommandError) in
                do {
                    let hosted = try HostedName(prefix: text)
                    let prefix = try ImagePrefix(hosted?.name.name.text ?? text)
                    try command[keyPath: path].set(.prefix(prefix))
                    command[keyPath: path].typedPrefix = hosted?.typedName ?? text
                } catch { throw .value("\(error)") }
            },
            .bool("root", "trust for every image") { command, isOn throws(CommandError) in
                guard isOn else { return }
                do throws(TrustError) {
                    try command[keyPath: path].set(.root)
                } catch { throw .value(error.description) }
            },
        ]
    }

    private mutating func set(_ scope: KeyScope) throws(TrustError) {
        guard self.scope == nil || self.scope == scope else { throw .twoScopes }
        self.scope = scope
    }
}
