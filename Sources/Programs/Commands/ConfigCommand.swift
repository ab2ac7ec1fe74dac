internal import Configuration
internal import JSON

/// `rkt config`.
struct ConfigCommand: Command {
    static let name = "config"
    static let summary = "Print configuration for each stage in JSON format"
    static let usage = "[--pretty-print=false] [--show-secrets]"
    static let details = """
        Prints what the files in the configuration directories amount to, in their own
        format. Passwords and tokens are left out unless --show-secrets is given.
        """

    static var flags: [Flag<Self>] {
        [
            .bool("pretty-print", default: true, "apply indent to format the output") {
                $0.isPretty = $1
            },
            .bool("show-secrets", "print passwords and tokens") { $0.showsSecrets = $1 },
        ]
    }

    private var isPretty = true
    private var showsSecrets = false

    mutating func run(_ context: Context) throws {
        try context.refuseArguments()
        let configuration = try Configuration(directories: context.options.configurationDirectories)
        let format = isPretty ? OutputFormat.prettyJSON : .json
        if let text = format.encoded(configuration.json(showsSecrets: showsSecrets)) {
            context.print(text)
        }
    }
}
