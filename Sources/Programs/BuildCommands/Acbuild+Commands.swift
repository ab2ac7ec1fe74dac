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
        [
            AnnotationAddVerb.self,
            AnnotationRemoveVerb.self,
            BeginVerb.self,
            ContainerfileVerb.self,
            CatManifestVerb.self,
            CopyVerb.self,
            CopyToDirVerb.self,
            DependencyAddVerb.self,
            DependencyRemoveVerb.self,
            DiscoverVerb.self,
            EndVerb.self,
            EnvironmentAddVerb.self,
            EnvironmentRemoveVerb.self,
            HelpVerb.self,
            IsolatorAddVerb.self,
            IsolatorRemoveVerb.self,
            LabelAddVerb.self,
            LabelRemoveVerb.self,
            LayerVerb.self,
            MountAddVerb.self,
            MountRemoveVerb.self,
            PackVerb.self,
            PatchManifestVerb.self,
            PortAddVerb.self,
            PortRemoveVerb.self,
            ReplaceManifestVerb.self,
            RunVerb.self,
            ScriptVerb.self,
            SetEventHandlerVerb.self,
            SetExecVerb.self,
            SetGroupVerb.self,
            SetNameVerb.self,
            SetSupplementaryGroupsVerb.self,
            SetTagVerb.self,
            SetUserVerb.self,
            SetWorkingDirectoryVerb.self,
            ValidateVerb.self,
            VersionVerb.self,
            WriteVerb.self,
        ]
    }
}
