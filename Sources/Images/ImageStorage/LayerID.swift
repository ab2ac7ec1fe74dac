internal import AppContainer

/// The name of an unpacked layer, which is also its directory: `sha256-DIFFID`, or an ACI's image ID.
///
/// A digest comes from an image and becomes a path: nothing but an algorithm and lower-case digits gets through.
package struct LayerID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Reads `sha256-` and 64 digits, or `sha512-` and 64 (an ACI) or 128 (a diffID); nil for anything else.
    package init?(_ text: String) {
        guard let id = try? ImageHash(text) else { return nil }
        switch (id.algorithm, id.digits.utf8.count) {
        case (.sha256, 64), (.sha512, 64), (.sha512, 128): description = text
        default: return nil
        }
    }

    /// The one layer of an ACI.
    package init(of image: ImageID) { description = image.description }
}
