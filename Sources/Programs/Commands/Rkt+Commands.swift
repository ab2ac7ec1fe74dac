extension Rkt {
    /// The commands, in the order help lists them.
    static var commands: [any Command.Type] {
        [
            CatManifestCommand.self,
            EnterCommand.self,
            FetchCommand.self,
            GcCommand.self,
            HelpCommand.self,
            ImageCatManifestCommand.self,
            ImageExportCommand.self,
            ImageExtractCommand.self,
            ImageGcCommand.self,
            ImageListCommand.self,
            ImageRenderCommand.self,
            ImageRmCommand.self,
            ImageVerifyCommand.self,
            ListCommand.self,
            LogsCommand.self,
            PrepareCommand.self,
            RmCommand.self,
            RunCommand.self,
            RunPreparedCommand.self,
            StatusCommand.self,
            StopCommand.self,
            VersionCommand.self,
        ]
    }
}
