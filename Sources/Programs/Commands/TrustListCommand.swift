internal import JSON
internal import OpenPGP
internal import Trust

/// `rkt trust list`.
struct TrustListCommand: Command {
    static let name = "trust list"
    static let summary = "List the keys that may sign images"
    static let usage = "[--no-legend] [--format=json|json-pretty]"

    static var flags: [Flag<Self>] {
        [
            .bool("no-legend", "suppress a legend with the list") { $0.hasLegend = !$1 },
            OutputFormat.flag { $0.format = $1 },
        ]
    }

    private var hasLegend = true
    private var format = OutputFormat.text

    mutating func run(_ context: Context) throws {
        try context.refuseArguments()
        let keys = try context.keystore.keys()
        if let json = format.encoded(.array(keys.map(\.json))) {
            context.print(json)
            return
        }
        var table = Table()
        if hasLegend { table.append(["PREFIX", "FINGERPRINT", "IDENTITY", "FROM"]) }
        for key in keys {
            table.append([
                key.prefix, key.fingerprint.digits, key.identity,
                key.isVendors ? "vendor" : "local",
            ])
        }
        context.print(table.text, terminator: "")
    }
}

extension TrustedKey {
    /// The prefix; a root key has none.
    fileprivate var prefix: String {
        switch scope {
        case .root: "-"
        case .prefix(let prefix): prefix.text
        }
    }

    /// Whose it is, or why it counts for nothing.
    fileprivate var identity: String {
        switch content {
        case .success(let file): identities(in: file).first ?? "-"
        case .failure(let error): "unusable: \(error)"
        }
    }

    private func identities(in file: PublicKeys) -> [String] {
        file.keys.first { $0.fingerprint == fingerprint }?.identities ?? []
    }

    fileprivate var json: JSON {
        var members: [JSON.Member] = [
            .init("fingerprint", .string(fingerprint.digits)),
            .init("path", .string(path)),
            .init("isVendors", .bool(isVendors)),
        ]
        if case .prefix(let prefix) = scope {
            members.append(.init("prefix", .string(prefix.text)))
        }
        switch content {
        case .success(let file):
            let identities = identities(in: file).map { JSON.string($0) }
            members.append(.init("identities", .array(identities)))
        case .failure(let error): members.append(.init("error", .string(error.description)))
        }
        return .object(members)
    }
}
