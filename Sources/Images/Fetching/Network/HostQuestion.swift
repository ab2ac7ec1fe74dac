internal import AppContainer
internal import Compression
internal import Configuration
internal import Discovery
internal import ImageStorage
internal import References
internal import Transfers

/// Asks the host of a name where its image lies, or its keys, and tells what it says.
struct HostQuestion {
    /// Events have a longest line.
    private static let lengthLimit = 1500

    private let wants: DiscoveryQuestion.Wanted
    private let name: LabelledName
    /// The name without labels, as configuration files have it.
    private let typedName: String
    private let discovery: Discovery
    private let configuration: Configuration
    private let events: EventWriter

    init(
        _ question: DiscoveryQuestion,
        _ client: HTTPClient,
        _ configuration: Configuration,
        _ events: EventWriter
    ) throws(ReferenceError) {
        let hosted =
            switch question.wants {
            case .image: try HostedName(question.name)
            case .keys: try HostedName(prefix: question.name)
            }
        name = if let hosted { hosted.name } else { try LabelledName(question.name) }
        typedName = hosted?.typedName ?? name.name.text
        let hosts = configuration.hosts
        self.configuration = configuration
        wants = question.wants
        self.events = events
        discovery = Discovery(
            allowsHTTP: client.policy.allowsPlainHTTP,
            at: hosted?.host
        ) { text, limit in
            // A host that doesn't answer may have a parent that does: nothing of this is an error.
            guard let url = try? WebURL(text) else { return nil }
            let authorization = try? hosts.authorization(for: url)
            return try? client.get(url, limit: limit, authorization: authorization).bytes
        }
    }

    /// Asks; nothing found is no error.
    func run() {
        switch wants {
        case .image:
            if let origin = configuration.origin(of: typedName) {
                tell(origin)
            } else if let image = discovery.images(of: name).first {
                // The first endpoint counts.
                tell(image.image, image.signature)
            }
        case .keys: for key in discovery.keys(for: name.name) { tell(key, nil) }
        }
        events.tell(.unchanged)
    }

    /// Where the configuration has the name instead.
    private func tell(_ origin: Origin) {
        switch origin.place {
        case .template(let text):
            if let image = ImageTemplate(text).urls(for: name) {
                tell(image.image, image.signature)
            }
        case .registry(let registry):
            let path = typedName.dropFirst(origin.prefix.count)
            tell("docker://\(registry)\(path):\(name.version ?? "latest")", nil)
        }
    }

    private func tell(_ url: String, _ signature: String?) {
        guard url.utf8.count + (signature?.utf8.count ?? 0) <= Self.lengthLimit else { return }
        events.tell(.found(url: url, signature: signature))
    }
}

extension [String: HostCredentials] {
    /// What the configuration says for the host of a URL; by plain http nothing is said.
    func authorization(for url: WebURL) throws(TransferError) -> Authorization? {
        guard url.isSecure else { return nil }
        switch self[url.authority] ?? self["\(url.host):\(url.port)"] {
        case .basic(let user, let password): return .basic(user: user, password: password.value)
        case .oauth(let token): return .bearer(token.value)
        case .aws(let keyID, let key, let region):
            let signature = AWSSignature(
                keyID: keyID,
                key: key.value,
                region: region,
                host: url.host
            )
            do throws(CompressionError) { return try signature.authorization(.get, url) } catch {
                throw .content(url, reason: error.description)
            }
        case nil: return nil
        }
    }
}
