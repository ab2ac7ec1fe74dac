internal import JSON
package import OCI

/// What `rkt` asks of the half of `rkt-fetcher` that talks to the network.
package struct NetworkRequest: Sendable, Equatable {
    /// What there is to do.
    package enum Work: Sendable, Equatable {
        /// Get an image of a registry and hand it over to the half that unpacks, with its signatures if they are wanted.
        case pull(RegistryImage, known: Digest?, Platform, signatures: Bool)
        /// Get a file into the store's downloads.
        case download(RemoteFile)
        /// Find out from its host where an image of a name lies, and its keys.
        case discover(DiscoveryQuestion)
        /// Bring a stored image to a registry.
        case push(RegistryImage, manifest: Digest, sources: [RegistryImage])
    }

    /// The image of a registry.
    package struct RegistryImage: Sendable, Equatable {
        /// The registry as the user calls it: what its configuration is found by.
        package let registry: String
        /// Where it is asked.
        package let host: String
        package let repository: String
        /// A tag or a digest.
        package let reference: String

        /// Names an image.
        package init(registry: String, host: String, repository: String, reference: String) {
            (self.registry, self.host) = (registry, host)
            (self.repository, self.reference) = (repository, reference)
        }
    }

    /// A file at a URL.
    package struct RemoteFile: Sendable, Equatable {
        package let url: String
        /// The name in the store's downloads.
        package let name: String
        /// The longest that it may be.
        package let limit: Int64
        /// What it had as its entity tag when it was got before: if it still has it, nothing is got.
        package let known: String?
        /// Whether its signature is wanted too.
        package let isSigned: Bool
        /// Where its signature is; nil for beside it.
        package let signature: String?

        /// Names a file.
        package init(
            url: String,
            name: String,
            limit: Int64,
            known: String? = nil,
            isSigned: Bool,
            signature: String? = nil
        ) {
            (self.url, self.name, self.limit) = (url, name, limit)
            (self.known, self.isSigned) = (known, isSigned)
            self.signature = signature
        }
    }

    /// The descriptors this half gets besides the standard three.
    package enum Inherited {
        package static let data: Int32 = 3
        package static let events: Int32 = 4
        package static let request: Int32 = 5
        /// The half that unpacks, if there is one.
        package static let unpacker: Int32 = 6
    }

    /// The argument that tells this half from the other.
    package static let argument = "--network"

    package let work: Work
    package let options: NetworkOptions

    /// Asks for some work.
    package init(_ work: Work, _ options: NetworkOptions) {
        self.work = work
        self.options = options
    }
}

/// What holds for everything on the network, whatever is asked.
package struct NetworkOptions: Sendable, Equatable {
    /// `--insecure-options=http`.
    package var allowsPlainHTTP = false
    /// `--insecure-options=pubkey`: plain http for keys alone; requests for them say ``allowsPlainHTTP``.
    package var allowsPlainKeys = false
    /// `--insecure-options=tls`.
    package var skipsCertificates = false
    /// The directories of the configuration, the one that counts most last.
    package var configuration: [String] = []
    package var userAgent = "rkt"
    /// Another platform than this machine's, as `--os` and `--arch` name it.
    package var platform: Platform?

    /// What holds unless it is told otherwise.
    package init() {}
}

/// What is asked of the host of a name.
package struct DiscoveryQuestion: Sendable, Equatable {
    /// Images and keys are looked for each on their own.
    package enum Wanted: Sendable {
        case image
        case keys
    }

    /// The name with its labels, as ``LabelledName`` or ``HostedName`` writes it; for keys the name alone, with its port.
    package let name: String
    package let wants: Wanted

    /// Asks for the image of a name, or its keys.
    package init(name: String, wants: Wanted) {
        self.name = name
        self.wants = wants
    }
}

// MARK: - As JSON

extension NetworkRequest {
    /// The request as it is handed over.
    package var bytes: [UInt8] {
        var members: [JSON.Member] =
            switch work {
            case .pull(let image, let known, let platform, let signatures):
                [
                    .init("work", "pull"), .init("image", image.json),
                    .init("known", known.map { .string($0.description) } ?? .null),
                    .init("platform", platform.json), .init("signatures", .bool(signatures)),
                ]
            case .download(let file):
                [
                    .init("work", "download"), .init("url", .string(file.url)),
                    .init("name", .string(file.name)), .init("limit", .integer(file.limit)),
                    .init("known", file.known.map { .string($0) } ?? .null),
                    .init("isSigned", .bool(file.isSigned)),
                    .init("signature", file.signature.map { .string($0) } ?? .null),
                ]
            case .discover(let question):
                [
                    .init("work", "discover"), .init("name", .string(question.name)),
                    .init("keys", .bool(question.wants == .keys)),
                ]
            case .push(let image, let manifest, let sources):
                [
                    .init("work", "push"), .init("image", image.json),
                    .init("manifest", .string(manifest.description)),
                    .init("sources", .array(sources.map(\.json))),
                ]
            }
        members += [
            .init("allowsPlainHTTP", .bool(options.allowsPlainHTTP)),
            .init("skipsCertificates", .bool(options.skipsCertificates)),
            .init("configuration", .array(options.configuration.map { .string($0) })),
            .init("userAgent", .string(options.userAgent)),
        ]
        return JSON.object(members).encodedBytes()
    }

    /// Reads a request; nil if it isn't one.
    package init?(_ bytes: [UInt8]) {
        guard let json = try? JSON.parse(bytes), let work = Work(json) else { return nil }
        self.work = work
        var options = NetworkOptions()
        options.allowsPlainHTTP = json["allowsPlainHTTP"]?.bool ?? false
        options.skipsCertificates = json["skipsCertificates"]?.bool ?? false
        options.configuration = json["configuration"]?.array?.compactMap(\.string) ?? []
        options.userAgent = json["userAgent"]?.string ?? "rkt"
        self.options = options
    }
}

extension NetworkRequest.Work {
    fileprivate init?(_ json: JSON) {
        let image = json["image"].flatMap(NetworkRequest.RegistryImage.init)
        switch json["work"]?.string {
        case "pull":
            guard let image, let platform = json["platform"].flatMap(Platform.init) else {
                return nil
            }
            self = .pull(
                image,
                known: json["known"]?.string.flatMap { try? Digest($0) },
                platform,
                signatures: json["signatures"]?.bool ?? false
            )
        case "download":
            guard let url = json["url"]?.string, let name = json["name"]?.string,
                let limit = json["limit"]?.integer
            else { return nil }
            self = .download(
                .init(
                    url: url,
                    name: name,
                    limit: limit,
                    known: json["known"]?.string,
                    isSigned: json["isSigned"]?.bool ?? true,
                    signature: json["signature"]?.string
                )
            )
        case "discover":
            guard let name = json["name"]?.string, let keys = json["keys"]?.bool else {
                return nil
            }
            self = .discover(DiscoveryQuestion(name: name, wants: keys ? .keys : .image))
        case "push":
            guard let image, let manifest = json["manifest"]?.string.flatMap({ try? Digest($0) })
            else { return nil }
            let sources = json["sources"]?.array ?? []
            self = .push(
                image,
                manifest: manifest,
                sources: sources.compactMap(NetworkRequest.RegistryImage.init)
            )
        default: return nil
        }
    }
}

extension NetworkRequest.RegistryImage {
    fileprivate var json: JSON {
        .object([
            .init("registry", .string(registry)), .init("host", .string(host)),
            .init("repository", .string(repository)), .init("reference", .string(reference)),
        ])
    }

    fileprivate init?(_ json: JSON) {
        guard let registry = json["registry"]?.string, let host = json["host"]?.string,
            let repository = json["repository"]?.string, let reference = json["reference"]?.string
        else { return nil }
        self.init(registry: registry, host: host, repository: repository, reference: reference)
    }
}
