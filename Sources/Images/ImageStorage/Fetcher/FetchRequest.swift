package import Configuration
internal import JSON
package import OCI
package import References
package import Trust

/// What `rkt` asks of `rkt-fetcher`: which image, out of a file or directory that `rkt` has opened.
package struct FetchRequest: Sendable, Equatable {
    /// What the opened file or directory is.
    package enum Kind: String, Sendable {
        /// An ACI, compressed or not.
        case aci
        /// A directory with an OCI layout.
        case ociLayout = "oci"
        /// A tar of an OCI layout.
        case ociArchive = "oci-archive"
        /// A tar as `docker save` writes it.
        case dockerArchive = "docker-archive"
        /// An image of a registry: the descriptor leads to the half of the fetcher that downloads.
        case registry
    }

    /// The descriptors the fetcher gets besides the standard three.
    package enum Inherited {
        package static let data: Int32 = 3
        package static let events: Int32 = 4
        package static let image: Int32 = 5
        /// The signature file, if there is one.
        package static let signature: Int32 = 6
    }

    package let kind: Kind
    /// As the user gave it: for names and messages, never opened.
    package let path: String
    /// Which image, if there are several.
    package let tag: String?
    /// Whether the user waived the signature (`--insecure-options=image`).
    package let allowsUnsigned: Bool
    /// Why it may be stored without a signature, if it may.
    package let exemption: Exemption
    /// The directories of the configuration, for the policy; the one that counts most last.
    package let configuration: [String]
    /// The keys that may have signed the image.
    package let keystore: Keystore
    /// Whether a signature file comes along.
    package let hasSignature: Bool
    /// The name that the image must have, if it was asked for by name.
    package let expected: LabelledName?
    /// Another platform than this machine's, if that was asked for.
    package let platform: Platform?

    /// Asks for an image.
    package init(
        kind: Kind,
        path: String,
        tag: String? = nil,
        allowsUnsigned: Bool,
        keystore: Keystore,
        hasSignature: Bool = false,
        expected: LabelledName? = nil,
        platform: Platform? = nil,
        exemption: Exemption = .insecureImageOption,
        configuration: [String] = []
    ) {
        self.exemption = exemption
        self.configuration = configuration
        self.platform = platform
        self.expected = expected
        self.kind = kind
        self.path = path
        self.tag = tag
        self.allowsUnsigned = allowsUnsigned
        self.keystore = keystore
        self.hasSignature = hasSignature
    }

    /// Whether the image may be stored only with a good signature.
    package var needsSignature: Bool { kind == .aci && !allowsUnsigned }

    /// The rules for the image.
    package func trustPolicy() throws(ConfigurationError) -> TrustPolicy {
        try TrustPolicy(
            directories: configuration,
            isWaived: allowsUnsigned && exemption == .insecureImageOption
        )
    }

    /// The request as the fetcher's only argument.
    package var argument: String {
        var members: [JSON.Member] = [
            .init("kind", .string(kind.rawValue)), .init("path", .string(path)),
            .init("allowsUnsigned", .bool(allowsUnsigned)),
            .init("systemConfiguration", .string(keystore.systemConfiguration)),
            .init("localConfiguration", .string(keystore.localConfiguration)),
            .init("hasSignature", .bool(hasSignature)),
            .init("exemption", .string(exemption.rawValue)),
            .init("configuration", .array(configuration.map { .string($0) })),
        ]
        if let expected { members.append(.init("expected", .string(expected.description))) }
        if let tag { members.append(.init("tag", .string(tag))) }
        if let platform { members.append(.init("platform", platform.json)) }
        return JSON.object(members).encoded()
    }

    /// Reads the fetcher's argument; nil if it isn't one.
    package init?(argument: String) {
        guard let json = try? JSON.parse(argument),
            let kind = json["kind"]?.string.flatMap(Kind.init),
            let path = json["path"]?.string,
            let allowsUnsigned = json["allowsUnsigned"]?.bool,
            let system = json["systemConfiguration"]?.string,
            let local = json["localConfiguration"]?.string,
            let hasSignature = json["hasSignature"]?.bool,
            let exemption = json["exemption"]?.string.flatMap(Exemption.init),
            let configuration = json["configuration"]?.array
        else { return nil }
        self.init(
            kind: kind,
            path: path,
            tag: json["tag"]?.string,
            allowsUnsigned: allowsUnsigned,
            keystore: Keystore(systemConfiguration: system, localConfiguration: local),
            hasSignature: hasSignature,
            expected: json["expected"]?.string.flatMap { try? LabelledName($0) },
            platform: json["platform"].flatMap(Platform.init),
            exemption: exemption,
            configuration: configuration.compactMap(\.string)
        )
    }
}
