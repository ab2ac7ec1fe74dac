/// The flags that every command takes.
package struct GlobalOptions: Sendable {
    /// Says more on stderr.
    package var isDebugging = false
    /// The data directory, if given.
    package var directory: String?
    /// The vendor's configuration.
    package var systemConfiguration = "/usr/lib/rkt"
    /// The administrator's configuration.
    package var localConfiguration = "/etc/rkt"
    /// A third configuration that counts most, if given.
    package var userConfiguration: String?
    /// Which protections are switched off.
    package var insecure: InsecureOptions = []
    /// Whether keys found over https are accepted without a question.
    package var trustsKeysFromHTTPS = false

    /// Every flag at its default.
    package init() {}

    /// The directories of configuration, the one that counts most last.
    package var configurationDirectories: [String] {
        [systemConfiguration, localConfiguration] + userDirectories
    }

    /// The user's own directory of configuration, if given.
    var userDirectories: [String] { userConfiguration.map { [$0] } ?? [] }

    /// The same options as arguments of another of our programs.
    package var arguments: [String] {
        var arguments: [String] = isDebugging ? ["--debug"] : []
        if let directory { arguments.append("--dir=\(directory)") }
        arguments.append("--system-config=\(systemConfiguration)")
        arguments.append("--local-config=\(localConfiguration)")
        if let userConfiguration { arguments.append("--user-config=\(userConfiguration)") }
        if !insecure.isEmpty {
            arguments.append("--insecure-options=" + insecure.list.joined(separator: ","))
        }
        if trustsKeysFromHTTPS { arguments.append("--trust-keys-from-https") }
        return arguments
    }

    static var flags: [Flag<GlobalOptions>] {
        [
            .bool("debug", "print out more debug information to stderr") { $0.isDebugging = $1 },
            .string("dir", default: "/var/lib/rkt", "rkt data directory") { $0.directory = $1 },
            .list("insecure-options", default: "none", insecureHelp) {
                options,
                names throws(CommandError) in
                options.insecure = try InsecureOptions(names)
            },
            .string("local-config", default: "/etc/rkt", "local configuration directory") {
                $0.localConfiguration = $1
            },
            .string("system-config", default: "/usr/lib/rkt", "system configuration directory") {
                $0.systemConfiguration = $1
            },
            .bool(
                "trust-keys-from-https",
                "automatically trust gpg keys fetched from https"
            ) { $0.trustsKeysFromHTTPS = $1 },
            .string("user-config", "user configuration directory") { $0.userConfiguration = $1 },
            .notBuilt("cpuprofile"),
            .notBuilt("memprofile"),
        ]
    }

    /// Written out because it is made at every start.
    private static let insecureHelp = """
        comma-separated list of security features to disable. Allowed values: "none", "image", "tls", "ondisk", \
        "http", "pubkey", "capabilities", "paths", "seccomp", "all-fetch", "all-run", "all"
        """
}
