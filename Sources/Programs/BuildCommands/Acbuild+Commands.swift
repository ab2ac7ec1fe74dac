internal import Commands

extension Acbuild {
    /// What help says about the program.
    static var program: Help.Program {
        Help.Program(
            name: "acbuild",
            summary: "build images step by step",
            description:
                "A build begins with begin, is changed by the other commands, and becomes an image with write.\n"
                + "Until end, it lies in the directory .acbuild of the work path.",
            commands: commands
        )
    }

    /// The commands, in the order help lists them.
    static var commands: [any Command.Type] {
        (others + Edits.verbs).sorted { $0.name < $1.name }
    }

    private static var others: [any Command.Type] {
        [
            BeginVerb.self,
            ContainerfileVerb.self,
            CatManifestVerb.self,
            CopyVerb.self,
            CopyToDirVerb.self,
            DependencyAddVerb.self,
            DiscoverVerb.self,
            EndVerb.self,
            HelpVerb.self,
            IsolatorAddVerb.self,
            LayerVerb.self,
            MountAddVerb.self,
            PackVerb.self,
            PatchManifestVerb.self,
            PortAddVerb.self,
            ReplaceManifestVerb.self,
            RunVerb.self,
            ScriptVerb.self,
            SetEventHandlerVerb.self,
            SetExecVerb.self,
            ValidateVerb.self,
            VersionVerb.self,
            WriteVerb.self,
        ]
    }
}
