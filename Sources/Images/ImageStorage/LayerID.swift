internal import AppContainer

/// The name of an unpacked layer, which is also its directory: `sha256-DIFFID`, an ACI's image ID, or `tree-` and a digest
/// for a tree rendered from several.
///
/// A digest comes from an image and becomes a path: nothing but an algorithm and lower-case digits gets through.
package struct LayerID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    private static let tree = "tree-"

    /// Reads `sha256-` and 64 digits, the same behind `tree-`, or `sha512-` and 64 (an ACI) or 128 (a diffID); nil for anything else.
    package init?(_ text: String) {
        let isTree = text.hasPrefix(Self.tree)
        guard let id = try? ImageHash(isTree ? String(text.dropFirst(Self.tree.count)) : text)
        else { return nil }
        switch (id.algorithm, id.digits.utf8.count) {
        case (.sha256, 64): description = text
        case _ where isTree: return nil
        case (.sha512, 64), (.sha512, 128): description = text
        default: return nil
        }
    }

    /// The tree of a digest of 32 bytes.
    init(tree digest: [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        let hex = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        description = "\(Self.tree)sha256-" + String(decoding: hex, as: UTF8.self)
    }

    /// Whether it is a tree rendered from several layers.
    package var isTree: Bool { description.hasPrefix(Self.tree) }

    /// The one layer of an ACI.
    package init(of image: ImageID) { description = image.description }
}
