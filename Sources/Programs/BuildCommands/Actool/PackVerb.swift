internal import Commands
internal import ImageBuilding

/// `acbuild pack`, which is `actool build`.
struct PackVerb: BuildVerb {
    static let name = "pack"
    static let summary = "Write an ACI of an image layout, without a build"
    static let usage = "[--overwrite] [--no-compression] [--owner-root] DIRECTORY FILE.aci"
    static let details = """
        DIRECTORY has a file manifest and a directory rootfs, and nothing else. The image ID is printed.
        """
    static var ownFlags: [Flag<Self>] {
        [
            .bool("no-compression", "write a plain tar") { $0.isPlain = $1 },
            .bool("overwrite", "replace a file that is there") { $0.overwrites = $1 },
            .bool("owner-root", "let all files belong to root") { $0.ownersAreRoot = $1 },
        ]
    }
    var common = BuildOptions()
    private var isPlain = false
    private var overwrites = false
    private var ownersAreRoot = false

    init() {}

    mutating func run(_ context: Context) throws {
        try refuseModify()
        guard context.arguments.count == 2 else {
            throw CommandError.usage("must provide a directory and an output file (see --help)")
        }
        let target = try ACIFileName(context.arguments[1]).path
        let layout = try ACICheck.layout(context.arguments[0])
        let date = try SourceDate.fromEnvironment()
        var writer = ACIWriter(layout.manifest, layout.root, date: date)
        writer.isCompressed = !isPlain
        writer.ownersAreRoot = ownersAreRoot
        let written = try writer.write(to: target, overwrites: overwrites)
        for warning in written.warnings { context.complain("warning: \(warning)") }
        context.print(written.id)
    }
}

/// The name of a file that is written as an ACI; actool insists on the extension.
struct ACIFileName {
    let path: String

    init(_ path: String) throws(CommandError) {
        guard path.hasSuffix(".aci") else {
            throw .usage("the extension of \"\(path)\" must be .aci")
        }
        self.path = path
    }
}
