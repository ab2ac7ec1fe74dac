package import AppContainer

/// What can be vouched for: an image of a name, out of an archive of a digest.
package protocol Signable: ~Copyable {
    /// What the image calls itself; nil if it has no name.
    var signableName: ACIdentifier? { get }
    /// All names that it gets.
    var signableNames: [String] { get }
    /// The digest of the archive it was unpacked from; nil if that had none.
    var archiveDigest: String? { get }
    /// The digest of the manifest that lists its layers; nil if it has none.
    var manifestDigest: String? { get }
}

/// Why an image may be stored without a signature.
package enum Exemption: String, Sendable {
    /// The user said `--insecure-options=image`.
    case insecureImageOption = "insecure-options=image"
    /// OCI and Docker images from disk: the format has no signature of its own, and the user has the file.
    case localImport = "local import"
    /// The policy accepts everything of this name.
    case policy = "policy"
}

/// Who or what vouches for an image.
package enum Warrant: Sendable, Hashable {
    /// A signature by a trusted key.
    case signed(ImageSignature)
    /// Nobody: it was let through, for this reason.
    case exempt(Exemption)
}

extension Warrant {
    /// Of two for the same image the one that somebody stands for.
    package func orStronger(_ older: Warrant?) -> Warrant {
        guard case .exempt = self, let older else { return self }
        if case .exempt = older { return self }
        return older
    }
}

/// An image that may be stored: the only thing that the store takes, and only this module makes one.
package struct Verified<Image: Signable & ~Copyable>: ~Copyable {
    private let image: Image
    /// Who vouches for it.
    package let warrant: Warrant

    /// Lets an image through without a signature.
    package init(_ image: consuming Image, exemption: Exemption) {
        self.image = image
        warrant = .exempt(exemption)
    }

    /// Accepts an image out of an archive whose signatures are good.
    ///
    /// It must have been unpacked from the very bytes that were checked, and one of the signers must be trusted for its
    /// name.
    package init(
        _ image: consuming Image,
        from archive: VerifiedArchive
    ) throws(TrustError) {
        guard image.archiveDigest == archive.digest, let name = image.signableName else {
            throw .refused([.bad(key: "unknown")])
        }
        let signer = try archive.signer(for: name)
        self.image = image
        warrant = .signed(ImageSignature(by: .openPGP(signer), as: name.text))
    }

    /// Accepts an image of a registry whose manifest is what a key of the policy has signed.
    package init(
        _ image: consuming Image,
        by signature: VerifiedManifest
    ) throws(TrustError) {
        guard image.manifestDigest == signature.digest, let name = image.signableName?.text else {
            throw .unsignedThere(image: signature.digest, reasons: ["it is another manifest's"])
        }
        self.image = image
        warrant = .signed(ImageSignature(by: signature.key, as: name))
    }

    /// All names that it gets.
    package var names: [String] { image.signableNames }

    /// The image.
    package consuming func intoImage() -> Image { image }
}
