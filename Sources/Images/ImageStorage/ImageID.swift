package import AppContainer

/// The name of a stored image: 64 digits that can't mean another one.
///
/// An ACI is `sha512-` and the first half of the SHA-512 of its uncompressed archive; an OCI image is `sha256-`
/// and the digest of its configuration.
package struct ImageID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package static let digits = 64

    /// The ID as appc writes it in manifests.
    package let hash: ImageHash

    /// Takes a hash that is neither cut short nor longer than the store's names; nil for others.
    package init?(_ hash: ImageHash) {
        guard hash.digits.utf8.count == Self.digits else { return nil }
        self.hash = hash
    }

    /// Reads `sha512-` or `sha256-` and exactly 64 digits; nil for anything else.
    package init?(_ text: String) {
        guard let hash = try? ImageHash(text) else { return nil }
        self.init(hash)
    }

    package var description: String { hash.description }

    /// The ID with the first digits only, as tables and messages show it.
    package func abbreviated(to count: Int) -> String {
        "\(hash.algorithm.rawValue)-\(hash.digits.prefix(count))"
    }

    /// Whether a hash cut short begins this ID.
    func begins(with prefix: ImageHash) -> Bool {
        hash.algorithm == prefix.algorithm && hash.digits.hasPrefix(prefix.digits)
    }

    package static func < (left: ImageID, right: ImageID) -> Bool {
        left.description < right.description
    }
}
