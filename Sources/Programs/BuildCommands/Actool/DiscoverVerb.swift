internal import AppContainer
internal import Commands
internal import ImageStorage
internal import JSON
internal import Linux
internal import References

/// `acbuild discover`, which is that of `actool`.
struct DiscoverVerb: BuildVerb {
    static let name = "discover"
    static let summary = "Print where the hosts of names say that images, signatures and keys lie"
    static let usage = "[--json] [--insecure] NAME[:VERSION][,LABEL=VALUE...]..."
    static let needsUserNamespace = false
    static var ownFlags: [Flag<Self>] {
        [
            .bool("insecure", "ask by plain HTTP too, and don't check certificates") {
                $0.isInsecure = $1
            },
            .bool("json", "print JSON") { $0.printsJSON = $1 },
            .string("port", "ask the hosts at this port") { verb, text throws(CommandError) in
                guard let port = UInt16(text), port > 0 else {
                    throw .value("it is not a number from 1 to 65535")
                }
                verb.port = port
            },
        ]
    }
    var common = BuildOptions()
    private var isInsecure = false
    private var port: UInt16?
    private var printsJSON = false

    init() {}

    mutating func run(_ context: Context) throws {
        try refuseModify()
        guard !context.arguments.isEmpty else {
            throw CommandError.usage("at least one name required")
        }
        var network = context.network
        if isInsecure { (network.allowsPlainHTTP, network.skipsCertificates) = (true, true) }
        let fetcher = ImageFetcher(
            store: ImageStore(data: try Directory.making(path: context.dataDirectory, mode: 0o700)),
            policy: .update,
            allowsUnsigned: false,
            keystore: context.keystore,
            network: network
        )
        for text in context.arguments {
            let typed = try hosted(text)
            let hosted = try HostedName(typed)
            let name = try hosted?.name ?? LabelledName(typed)
            guard let place = try fetcher.place(of: hosted?.description ?? name.description) else {
                throw CommandError.failed(
                    "error fetching endpoints for \(text): nothing discovered"
                )
            }
            let keys = try fetcher.keyPlaces(of: hosted?.typedName ?? name.name.text)
            show(place.url, place.signature ?? "", keys, context)
        }
    }

    /// A name with the port of `--port`, unless it has one itself.
    private func hosted(_ text: String) throws -> String {
        guard let port, try HostedName(text) == nil else { return text }
        guard let slash = text.firstIndex(of: "/") else {
            throw CommandError.usage("--port goes with names that have a path, not \"\(text)\"")
        }
        return "\(text[..<slash]):\(port)\(text[slash...])"
    }

    private func show(
        _ image: String,
        _ signature: String,
        _ keys: [String],
        _ context: Context
    ) {
        guard printsJSON else {
            context.print("ACI: \(image), ASC: \(signature)")
            if !keys.isEmpty { context.print("PublicKeys: " + keys.joined(separator: ",")) }
            return
        }
        let result: JSON = [
            "ACIEndpoints": [["ACI": .string(image), "ASC": .string(signature)]],
            "PublicKeys": .array(keys.map { .string($0) }),
        ]
        context.print(result.encoded(.spaces(4)))
    }
}
