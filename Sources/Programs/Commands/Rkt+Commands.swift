extension Rkt {
    /// The commands, in the order help lists them.
    static var commands: [any Command.Type] {
        [
            CatManifestCommand.self,
            GcCommand.self,
            HelpCommand.self,
            ListCommand.self,
            LogsCommand.self,
            RmCommand.self,
            StatusCommand.self,
            StopCommand.self,
            VersionCommand.self,
        ]
    }
}
