internal import AppContainer
internal import ImageStorage
internal import JSON
internal import OCI
internal import References

/// An OCI or Docker image as its documents describe it, checked, with its layers still packed.
struct OCIImage {
    /// One layer: what its tar's digest must be, and where the blob lies.
    struct Layer {
        /// The digest of the tar.
        let diffID: Digest
        /// What the manifest says of the blob; an archive of `docker save` has no such thing.
        let descriptor: ContentDescriptor?
        /// The blob's file in the image.
        let path: String
    }

    let id: ImageID
    let layers: [Layer]
    let configuration: JSON
    let platform: Platform
    /// Documents kept byte for byte.
    let blobs: [(digest: String, bytes: [UInt8])]

    /// Joins the documents of an image for a platform, this machine's unless another was asked for.
    init(
        configuration bytes: [UInt8],
        manifest: [UInt8]? = nil,
        for host: Platform = .host,
        layers: (ImageConfiguration) throws(ImportError) -> [Layer]
    ) throws(ImportError) {
        let configuration = try reading { () throws(OCIError) in
            try ImageConfiguration(parsing: bytes)
        }
        // Many configurations leave out the variant: then what an index says of it counts.
        var own = configuration.platform
        if own.variant.isEmpty { own.variant = host.variant }
        guard host.distance(to: own) != nil else {
            let wanted = quoted(host.description)
            throw .invalid(
                "bad os/arch: \(quoted(configuration.platform.description)) instead of \(wanted)"
                    + " (rkt fetch --arch gets images for other machines)"
            )
        }
        let digest = try Fetching.digest(of: bytes, .sha256)
        guard let id = ImageID("sha256-\(digest.hex)"), let json = try? JSON.parse(bytes) else {
            throw .invalid("bad image configuration")
        }
        self.id = id
        self.configuration = json
        platform = configuration.platform
        self.layers = try layers(configuration)
        var blobs = [(digest: digest.description, bytes: bytes)]
        if let manifest {
            let digest = try Fetching.digest(of: manifest, .sha256)
            blobs.append((digest: digest.description, bytes: manifest))
        }
        self.blobs = blobs
    }

    /// A name of the image with the labels that every image has.
    func labelled(_ name: LabelledName) -> LabelledName {
        let own = [
            ("os", platform.operatingSystem), ("arch", platform.appcArchitecture),
        ].compactMap { label in
            (try? ACIdentifier(label.0)).map { Label(name: $0, value: label.1) }
        }
        return LabelledName(name.name, labels: name.labels + own)
    }
}

extension Platform {
    /// The architecture as appc calls it.
    fileprivate var appcArchitecture: String {
        switch (architecture, variant) {
        case ("386", _): "i386"
        case ("arm64", _): "aarch64"
        case ("arm", "v5"), ("arm", "v6"): "armv6l"
        case ("arm", _): "armv7l"
        default: architecture
        }
    }
}
