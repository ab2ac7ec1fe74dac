package import JSON

/// Why a document of an OCI image can't be used.
package enum OCIError: Error, Hashable, CustomStringConvertible {
    /// A document breaks the grammar of JSON or a rule of its schema.
    case document(String, JSONError)
    /// A text is not a digest.
    case digest(String)
    /// The manifest and the configuration disagree about the number of layers.
    case layerCount(manifest: Int, configuration: Int)
    /// No image of an index is for the wanted platform.
    case noPlatform(Platform, available: [String])
    /// No image of a layout or archive has the wanted tag.
    case noTag(String, available: [String])
    /// A layout or archive holds several images and none was named.
    case severalImages(tags: [String])
    /// A layout or archive holds no image.
    case empty

    package var description: String {
        switch self {
        case .document(let title, let error):
            "\(title): \(error)"
        case .digest(let text):
            "\(quoted(text)) is not a digest (sha256: or sha512: and lower-case hexadecimal digits)"
        case .layerCount(let manifest, let configuration):
            "the manifest lists \(manifest) layers, the image configuration \(configuration)"
        case .noPlatform(let platform, let available):
            "no image for \(platform); there are \(list(available))"
        case .noTag(let tag, let available):
            "no image is tagged \(quoted(tag)); there are \(list(available))"
        case .severalImages(let tags):
            "several images, so one must be named: \(list(tags))"
        case .empty:
            "there is no image in it"
        }
    }

    private func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.prefix(20).map(quoted).joined(separator: ", ")
    }
}
