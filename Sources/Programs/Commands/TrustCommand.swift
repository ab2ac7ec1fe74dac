internal import Linux
internal import OpenPGP
internal import Trust

/// `rkt trust`.
struct TrustCommand: Command {
    static let name = "trust"
    static let summary = "Trust a key for image verification"
    static let usage = "[--prefix=PREFIX | --root] [--skip-fingerprint-review] KEY..."
    static let details = """
        Keys are files. They are shown and, once you have compared their fingerprints with
        those that their owner publishes, may sign images whose names begin with PREFIX, or all.
        rkt trust list shows the trusted keys, rkt trust rm FINGERPRINT takes one away.
        """

    static var flags: [Flag<Self>] {
        TrustArguments.flags(\.arguments) + [
            .bool("skip-fingerprint-review", "accept key without fingerprint confirmation") {
                $0.skipsReview = $1
            },
            .bool("insecure-allow-http", "allow HTTP use for key discovery and/or retrieval") {
                $0.allowsHTTP = $1
            },
        ]
    }

    private var arguments = TrustArguments()
    private var skipsReview = false
    private var allowsHTTP = false

    /// Flags first: what follows may be a word such as `list`, which is a command of its own.
    mutating func run(_ context: Context) throws {
        guard !context.options.insecure.contains(.image) else {
            throw CommandError.usage("no keys are looked at with --insecure-options=image")
        }
        guard let scope = arguments.scope else {
            throw CommandError.usage(
                "say --prefix=PREFIX or --root: which images may the key sign?"
            )
        }
        let locations = context.arguments
        guard !locations.isEmpty else { throw CommandError.usage("no key was given") }
        for location in locations {
            let file = try file(at: location)
            context.complain("\(scope)\nkey: \"\(location)\"")
            for key in file.keys {
                context.show(key)
                if try skipsReview || context.confirmKey() {
                    try trust(key, of: file, for: scope, context)
                }
            }
        }
    }

    private func trust(
        _ key: PublicKey,
        of file: KeyFile,
        for scope: KeyScope,
        _ context: Context
    ) throws {
        let review = skipsReview ? "without" : "after"
        context.complain(
            "Trusting \"\(file.location)\" for \(scope) \(review) fingerprint review."
        )
        let path = try context.keystore.add(key, for: scope)
        switch scope {
        case .root: context.print("Added root key at \"\(path)\"")
        case .prefix: context.print("Added key for \(scope) at \"\(path)\"")
        }
    }

    private func file(at location: String) throws -> KeyFile {
        guard !location.contains("://") else { throw CommandError.usage(Self.noURL(location)) }
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try readHostFile(location, limit: PublicKeys.sizeLimit)
        } catch { throw CommandError.failed("cannot read \"\(location)\": \(error)") }
        return try KeyFile(location: location, bytes)
    }

    private static func noURL(_ location: String) -> String {
        "\"\(location)\": keys from URLs are not built yet: download the key and give its file"
    }
}
