internal import OpenPGP
internal import Trust

/// `rkt trust rm`.
struct TrustRmCommand: Command {
    static let name = "trust rm"
    static let summary = "Take trust away from a key"
    static let usage = "[--prefix=PREFIX | --root] FINGERPRINT..."
    static let details = """
        Without --prefix or --root the key loses every prefix it has. A vendor's key stays
        where it is and is masked by an empty file in the local configuration directory.
        """

    static var flags: [Flag<Self>] { TrustArguments.flags(\.arguments) }

    private var arguments = TrustArguments()

    mutating func run(_ context: Context) throws {
        guard !context.arguments.isEmpty else {
            throw CommandError.usage("must provide at least one fingerprint (see rkt trust list)")
        }
        var keys: [Fingerprint] = []
        for argument in context.arguments {
            let digits = argument.filter { $0 != " " }
            guard let key = Fingerprint(digits) else {
                throw CommandError.usage("\"\(argument)\" is not a fingerprint of 40 digits")
            }
            keys.append(key)
        }
        for key in keys {
            for scope in try context.keystore.remove(key, from: arguments.scope) {
                context.print("\(key) is not trusted for \(scope) any more")
            }
        }
    }
}
