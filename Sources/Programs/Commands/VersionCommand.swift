/// `rkt version`.
struct VersionCommand: Command {
    static let name = "version"
    static let summary = "Print the version and exit"
    static let usage = ""

    mutating func run(_ context: Context) throws {
        context.print("rkt Version: \(Version.rkt)")
        context.print("appc Version: \(Version.appContainer)")
        context.print("Swift Version: \(Version.swift)")
        context.print("OS/Arch: \(Version.platform)")
        context.print("Features: -TPM -SDJOURNAL")
    }
}

/// The versions this program was made from.
package enum Version {
    /// The version of all programs.
    package static let rkt = "2.0.0"
    /// The version of the App Container specification.
    package static let appContainer = "0.8.11"

    #if compiler(>=6.4)
    static let swift = "6.4"
    #elseif compiler(>=6.3)
    static let swift = "6.3"
    #else
    static let swift = "6.2"
    #endif

    /// The platform in Go's words, which images use too.
    static let platform: String = {
        #if arch(x86_64)
        "linux/amd64"
        #elseif arch(arm64)
        "linux/arm64"
        #else
        "linux/unknown"
        #endif
    }()
}
