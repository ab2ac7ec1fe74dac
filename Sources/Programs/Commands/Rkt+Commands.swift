extension Rkt {
    /// The commands, in the order help lists them.
    static var commands: [any Command.Type] {
        [
            HelpCommand.self,
            VersionCommand.self,
        ]
    }
}
