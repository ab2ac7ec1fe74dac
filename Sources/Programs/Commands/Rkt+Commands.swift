extension Rkt {
    /// The commands, in the order help lists them.
    static var commands: [any Command.Type] {
        [
            ApiServiceCommand.self,
            AppCommand.self,
            AttachCommand.self,
            CatManifestCommand.self,
            CompletionCommand.self,
            ConfigCommand.self,
            EnterCommand.self,
            ExportCommand.self,
            FetchCommand.self,
            GcCommand.self,
            HelpCommand.self,
            ImageCatManifestCommand.self,
            ImageExportCommand.self,
            ImageExtractCommand.self,
            ImageFetchCommand.self,
            ImageGcCommand.self,
            ImageListCommand.self,
            ImageRenderCommand.self,
            ImageRmCommand.self,
            ImageVerifyCommand.self,
            ListCommand.self,
            LogsCommand.self,
            MetadataServiceCommand.self,
            PrepareCommand.self,
            RmCommand.self,
            RunCommand.self,
            RunPreparedCommand.self,
            StatusCommand.self,
            StopCommand.self,
            TrustCommand.self,
            VersionCommand.self,
        ]
    }
}
