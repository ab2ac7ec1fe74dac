package import AppContainer
package import ImageStorage
internal import JSON
package import OCI

/// An image that is being built: what it says about itself, and the layers that hold its files.
package struct ImageDraft: Sendable {
    /// What an image says about itself, in its format.
    package enum Content: Sendable {
        /// An ACI's manifest.
        case appc(ImageManifest)
        /// An OCI image's configuration, the annotations of its manifest, and what it is called.
        case oci(OCIContent)
    }

    /// What an OCI image says about itself.
    package struct OCIContent: Sendable {
        /// Without `diff_ids`, which are known when the layers are written.
        package var configuration: ImageConfiguration
        /// Annotations of the manifest.
        package var annotations: [String: String] = [:]
        /// The name without a tag, if it has one.
        package var name: String?
        /// The tag.
        package var tag = "latest"
    }

    /// What it says.
    package var content: Content
    /// Its layers from the bottom; changes go to the last one.
    package var layers: [LayerID]

    /// The name that `begin` gives an ACI, which can't be written before it has another one.
    package static let placeholder = ACIdentifier(known: "acbuild-unnamed")

    /// An image of nothing.
    package init(_ format: ImageFormat, layer: LayerID) {
        layers = [layer]
        switch format {
        case .appc:
            content = .appc(
                ImageManifest(
                    name: Self.placeholder,
                    labels: [
                        Label(
                            name: ACIdentifier(known: "arch"),
                            value: HostPlatform.architecture
                        ),
                        Label(
                            name: ACIdentifier(known: "os"),
                            value: HostPlatform.operatingSystem
                        ),
                    ]
                )
            )
        case .oci: content = .oci(OCIContent(configuration: ImageConfiguration(platform: .host)))
        }
    }

    /// An image of these parts.
    package init(_ content: Content, layers: [LayerID]) {
        self.content = content
        self.layers = layers
    }

    /// Its format.
    package var format: ImageFormat {
        switch content {
        case .appc: .appc
        case .oci: .oci
        }
    }
}

// MARK: - The file

extension ImageDraft {
    /// The draft as a file.
    var json: JSON {
        var members: [JSON.Member] = [
            .init("format", .string(format.rawValue)),
            .init("layers", .array(layers.map { .string($0.description) })),
        ]
        switch content {
        case .appc(let manifest): members.append(.init("manifest", manifest.json))
        case .oci(let content):
            members.append(.init("configuration", content.configuration.json))
            let annotations = content.annotations.sorted { $0.key < $1.key }
            members.append(
                .init(
                    "annotations",
                    .object(annotations.map { .init($0.key, .string($0.value)) })
                )
            )
            if let name = content.name { members.append(.init("name", .string(name))) }
            members.append(.init("tag", .string(content.tag)))
        }
        return .object(members)
    }

    /// Reads the file.
    init(parsing bytes: [UInt8]) throws(JSONError) {
        let cursor = JSONCursor(try JSON.parse(bytes, limit: 32 << 20))
        layers = try cursor.required("layers").elements().map { layer throws(JSONError) in
            guard let id = LayerID(try layer.string()) else { throw layer.invalid("no layer") }
            return id
        }
        guard !layers.isEmpty else { throw cursor.invalid("no layers") }
        let format = try cursor.required("format")
        switch ImageFormat(rawValue: try format.string()) {
        case .appc: content = .appc(try ImageManifest(at: cursor.required("manifest")))
        case .oci:
            var oci = OCIContent(
                configuration: try ImageConfiguration(at: cursor.required("configuration"))
            )
            for (name, value) in try cursor.required("annotations").stringMembers() {
                oci.annotations[name] = value
            }
            oci.name = try cursor.optional("name")?.string()
            oci.tag = try cursor.required("tag").string()
            content = .oci(oci)
        case nil: throw format.invalid("no format of images")
        }
    }
}
