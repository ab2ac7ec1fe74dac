/// What a blob is, by the names of OCI and of Docker.
package enum MediaType: Sendable, Hashable {
    /// How a layer is packed, as far as its name tells; the content decides.
    package enum LayerCompression: String, Sendable, CaseIterable {
        /// A plain tar.
        case none = ""
        /// A tar in gzip.
        case gzip
        /// A tar in zstd.
        case zstd
    }

    /// A manifest of one image.
    case manifest
    /// Docker's manifest of one image, schema 2.
    case dockerManifest
    /// Docker's manifest of schema 1, signed or not, which is no longer supported.
    case dockerManifestOne
    /// A list of images for several platforms.
    case index
    /// Docker's list of images for several platforms.
    case dockerManifestList
    /// An image configuration.
    case configuration
    /// Docker's image configuration.
    case dockerConfiguration
    /// A layer.
    case layer(LayerCompression)
    /// A layer that has to be fetched from elsewhere.
    case foreignLayer(LayerCompression)
    /// Anything else.
    case other(String)

    /// Knows a media type; parameters behind a semicolon don't matter.
    package init(_ text: String) {
        let name = String(text.prefix { $0 != ";" && $0 != " " })
        if let known = Self.known[name] {
            self = known
        } else {
            self = .other(text)
        }
    }

    /// The text of the media type.
    package var text: String {
        switch self {
        case .manifest: "application/vnd.oci.image.manifest.v1+json"
        case .dockerManifest: "application/vnd.docker.distribution.manifest.v2+json"
        case .dockerManifestOne: "application/vnd.docker.distribution.manifest.v1+json"
        case .index: "application/vnd.oci.image.index.v1+json"
        case .dockerManifestList: "application/vnd.docker.distribution.manifest.list.v2+json"
        case .configuration: "application/vnd.oci.image.config.v1+json"
        case .dockerConfiguration: "application/vnd.docker.container.image.v1+json"
        case .layer(let compression): "\(Self.layer)\(Self.suffix(compression, "+"))"
        case .foreignLayer(let compression): "\(Self.foreign)\(Self.suffix(compression, "+"))"
        case .other(let text): text
        }
    }

    /// Whether this is a manifest of one image.
    package var isManifest: Bool { self == .manifest || self == .dockerManifest }

    /// Whether this is a list of images.
    package var isIndex: Bool { self == .index || self == .dockerManifestList }

    /// Whether this is a configuration of an image that can run.
    package var isConfiguration: Bool { self == .configuration || self == .dockerConfiguration }

    private static let layer = "application/vnd.oci.image.layer.v1.tar"
    private static let foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar"

    private static func suffix(_ compression: LayerCompression, _ separator: String) -> String {
        compression == .none ? "" : separator + compression.rawValue
    }

    private static let known: [String: MediaType] = {
        var types: [String: MediaType] = [
            "application/vnd.docker.distribution.manifest.v1+prettyjws": .dockerManifestOne
        ]
        for type in [
            manifest, dockerManifest, dockerManifestOne, index, dockerManifestList, configuration,
            dockerConfiguration,
        ] {
            types[type.text] = type
        }
        for compression in LayerCompression.allCases {
            types[MediaType.layer(compression).text] = .layer(compression)
            types[MediaType.foreignLayer(compression).text] = .foreignLayer(compression)
            let docker = suffix(compression, ".")
            types["application/vnd.docker.image.rootfs.diff.tar\(docker)"] = .layer(compression)
            types["application/vnd.docker.image.rootfs.foreign.diff.tar\(docker)"] =
                .foreignLayer(compression)
        }
        return types
    }()
}
