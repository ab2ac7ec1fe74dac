internal import Commands
internal import ImageBuilding

/// `acbuild validate`, which is `actool validate`.
struct ValidateVerb: BuildVerb {
    static let name = "validate"
    static let summary =
        "Check images, layouts and manifests against the App Container specification"
    static let usage = "[--type=appimage|layout|manifest] FILE..."
    static let details = """
        A layout is a directory of a manifest and a rootfs. What is valid is only said with --debug; all files are looked at,
        and if one isn't valid the exit code is 1.
        """
    static let needsUserNamespace = false
    static var ownFlags: [Flag<Self>] {
        [
            .string("type", "what the files are, if their contents don't tell") {
                verb,
                text throws(CommandError) in
                guard let kind = ACICheck(rawValue: text) else {
                    throw .value("it is not appimage, layout or manifest")
                }
                verb.kind = kind
            }
        ]
    }
    var common = BuildOptions()
    private var kind: ACICheck?

    init() {}

    mutating func run(_ context: Context) throws {
        try refuseModify()
        guard !context.arguments.isEmpty else {
            throw CommandError.usage("must pass one or more files")
        }
        var isValid = true
        for path in context.arguments {
            do throws(BuildError) {
                try check(path, context)
            } catch {
                context.complain("\(path): \(error)")
                isValid = false
            }
        }
        if !isValid { throw CommandError.exit(Acbuild.failure) }
    }

    private func check(_ path: String, _ context: Context) throws(BuildError) {
        var kind = self.kind
        if kind == nil { kind = try ACICheck.kind(of: path) }
        guard let kind else { throw .invalid("unable to detect filetype (try --type)") }
        do throws(BuildError) {
            let what = try kind.check(path)
            context.debug("\(path): valid \(what)")
        } catch { throw .invalid("\(Self.failure(of: kind)): \(error)") }
    }

    private static func failure(of kind: ACICheck) -> String {
        switch kind {
        case .image: "error validating"
        case .layout: "invalid image layout"
        case .manifest: "invalid manifest"
        }
    }
}
