package import Commands
internal import ImageBuilding
internal import Linux

/// The flags that every command of `acbuild` takes.
package struct BuildOptions {
    /// Where the build lies.
    var workPath = "."
    /// An image that is changed without a build.
    var modified: String?
    /// Whether the image tells nothing of this command.
    var keepsNoHistory = false
    /// Which of them ``modified`` must be, if that was said.
    var modifiedFormat: ImageFormat?
}

/// One verb of `acbuild`'s command line.
package protocol BuildVerb: Command {
    /// The flags that all have.
    var common: BuildOptions { get set }
    /// The flags of this one.
    static var ownFlags: [Flag<Self>] { get }
}

extension BuildVerb {
    package static var ownFlags: [Flag<Self>] { [] }
    package static var flags: [Flag<Self>] { ownFlags + commonFlags }
    package static var needsUserNamespace: Bool { true }

    /// The flags of ``BuildOptions``.
    static var commonFlags: [Flag<Self>] {
        [
            .string("work-path", default: ".", "path to place working files in") {
                $0.common.workPath = $1
            },
            .string("modify", "change this image, an ACI or OCI archive, instead of a build") {
                $0.common.modified = $1
            },
            .string("modify-appc", "the same, for an ACI") {
                $0.common.modified = $1
                $0.common.modifiedFormat = .appc
            },
            .string("modify-oci", "the same, for an OCI archive") {
                $0.common.modified = $1
                $0.common.modifiedFormat = .oci
            },
            .bool("no-history", "don't note the command in the image") {
                $0.common.keepsNoHistory = $1
            },
        ]
    }
}

/// What stands before the verb.
struct NoVerb: BuildVerb {
    static let name = ""
    static let summary = ""
    static let usage = ""
    var common = BuildOptions()
    mutating func run(_ context: Context) {}
}

/// A verb that changes a build.
protocol ChangingVerb: BuildVerb {
    /// Makes the change.
    mutating func change(_ build: inout BuildContext, _ context: Context) throws
}

extension ChangingVerb {
    mutating func run(_ context: Context) throws {
        if let image = common.modified {
            var verb = self
            try ModifiedImage(path: image, format: common.modifiedFormat, context)
                .change { (build) in try verb.change(&build, context) }
            return
        }
        var build = try BuildContext(workPath: common.workPath)
        try change(&build, context)
    }

    /// The draft with a note of this command.
    func noted(
        _ draft: ImageDraft,
        _ words: [String],
        _ build: borrowing BuildContext,
        changesFiles: Bool = false
    ) throws(BuildError) -> ImageDraft {
        var draft = draft
        if !common.keepsNoHistory {
            try draft.addHistory(
                [Self.name] + words,
                changesFiles: changesFiles,
                date: build.date
            )
        }
        return draft
    }
}

/// A verb that changes what the image says about itself and none of its files.
protocol EditingVerb: ChangingVerb {
    /// Changes the draft.
    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws
    /// How many arguments it takes.
    static var argumentCount: ClosedRange<Int> { get }
}

extension EditingVerb {
    static var needsUserNamespace: Bool { false }

    mutating func change(_ build: inout BuildContext, _ context: Context) throws {
        guard Self.argumentCount.contains(context.arguments.count) else {
            // As acbuild did: how it is used, and the general exit code.
            context.print("usage: acbuild \(Self.name) \(Self.usage)")
            throw CommandError.exit(Acbuild.failure)
        }
        var draft = build.draft
        try edit(&draft, context.arguments)
        try build.update(noted(draft, context.arguments, build))
    }
}
