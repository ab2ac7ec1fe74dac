internal import AppContainer
internal import ImageStorage
internal import Linux
internal import OpenPGP
internal import Trust

/// `rkt trust`.
struct TrustCommand: Command {
    static let name = "trust"
    static let summary = "Trust a key for image verification"
    static let usage = "[--prefix=PREFIX | --root] [--skip-fingerprint-review] [KEY...]"
    static let details = """
        Keys are files or https URLs; without any, the host of PREFIX is asked for its keys. They are shown and, once you have compared their fingerprints with
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
        for file in try files(scope, context) {
            context.complain("\(scope)\nkey: \"\(file.location)\"")
            for key in file.keys {
                context.show(key)
                if try skipsReview || context.trusts(unseen: file) || context.confirmKey() {
                    try trust(key, of: file, for: scope, context)
                }
            }
        }
    }

    /// The keys that were given, or those that the host of the prefix publishes.
    private func files(_ scope: KeyScope, _ context: Context) throws -> [KeyFile] {
        var network = context.network
        if allowsHTTP { network.allowsPlainKeys = true }
        if context.arguments.isEmpty {
            guard case .prefix(let prefix) = scope else {
                throw CommandError.usage("no key was given, and only a prefix has a host to ask")
            }
            let fetcher = try fetcher(network, context)
            let files = try fetcher.keys(of: arguments.typedPrefix)
            guard !files.isEmpty else {
                throw CommandError.failed("the host of \"\(prefix)\" publishes no keys")
            }
            return files
        }
        var files: [KeyFile] = []
        for location in context.arguments {
            files.append(
                location.contains("://")
                    ? try fetcher(network, context).key(at: location) : try file(at: location)
            )
        }
        return files
    }

    private func fetcher(
        _ network: NetworkOptions,
        _ context: Context
    ) throws -> ImageFetcher {
        ImageFetcher(
            store: try context.imageStore(),
            policy: .update,
            allowsUnsigned: false,
            keystore: context.keystore,
            network: network
        )
    }

    private func trust(
        _ key: PublicKey,
        of file: KeyFile,
        for scope: KeyScope,
        _ context: Context
    ) throws {
        let isReviewed = !skipsReview && !context.trusts(unseen: file)
        let review = isReviewed ? "after" : "without"
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
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try readHostFile(location, limit: PublicKeys.sizeLimit)
        } catch { throw CommandError.failed("cannot read \"\(location)\": \(error)") }
        return try KeyFile(location: location, bytes)
    }
}
