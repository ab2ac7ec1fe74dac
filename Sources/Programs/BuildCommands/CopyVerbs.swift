internal import Commands
internal import ImageBuilding
internal import Linux

/// `acbuild copy`.
struct CopyVerb: ChangingVerb {
    static let name = "copy"
    static let summary = "Copy a file or directory into the image"
    static let usage = "SOURCE TARGET"
    static let details = """
        TARGET is the name that the copy gets in the image. A directory is laid over one that is there. Owners,
        permissions and times are kept; links stay links.
        """
    var common = BuildOptions()

    mutating func change(_ build: inout BuildContext, _ context: Context) throws {
        guard context.arguments.count == 2 else {
            throw CommandError.usage("copy takes a source and a target (see --help)")
        }
        let target = context.arguments[1]
        guard !target.hasSuffix("/") || target == "/" else {
            throw CommandError.failed("the target \"\(target)\" ends in a slash (see copy-to-dir)")
        }
        try copy([(context.arguments[0], target)], &build, context)
    }
}

/// `acbuild copy-to-dir`.
struct CopyToDirVerb: ChangingVerb {
    static let name = "copy-to-dir"
    static let summary = "Copy files and directories into a directory of the image"
    static let usage = "SOURCE... DIRECTORY"
    var common = BuildOptions()

    mutating func change(_ build: inout BuildContext, _ context: Context) throws {
        guard context.arguments.count >= 2, let target = context.arguments.last else {
            throw CommandError.usage("copy-to-dir takes sources and a directory (see --help)")
        }
        let pairs = try context.arguments.dropLast().map { source in
            let (name, _) = try HostSource.split(source)
            guard let name else {
                throw CommandError.failed("\"\(source)\" has no name to get in the image")
            }
            return (source, target + "/" + name)
        }
        try copy(pairs, &build, context, into: target)
    }
}

extension ChangingVerb {
    /// Copies each source of the host to its place in the image, all in one step.
    fileprivate func copy(
        _ pairs: [(source: String, target: String)],
        _ build: inout BuildContext,
        _ context: Context,
        into directory: String? = nil
    ) throws {
        let draft = try noted(build.draft, context.arguments, build, changesFiles: true)
        let (root, date) = (try build.root(), build.date)
        try build.change(draft) { (changes) throws in
            var staging = TreeStaging(into: try changes.duplicate(), above: root, date: date)
            if let directory { try staging.makeDirectory(Array(directory.utf8)) }
            for (source, target) in pairs {
                let host = try HostSource(source)
                try staging.copy(host.name, in: host.parent, to: Array(target.utf8))
            }
            for warning in staging.warnings { context.complain("warning: \(warning)") }
        }
    }
}
