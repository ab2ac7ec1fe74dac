package import AppContainer
internal import Archives
internal import Compression
internal import JSON
internal import Linux

/// Writes an App Container Image: the manifest first, so that a reader needs to look no further for it, then `rootfs`.
package struct ACIWriter {
    /// What was written.
    package struct Written: Sendable {
        /// The image ID as `rkt` shows it: `sha512-` and the first half of the sum of the archive.
        package let id: String
        /// What was left out, in words for the user.
        package let warnings: [String]
    }

    private let manifest: ImageManifest
    private let root: MergedDirectory
    private let date: SourceDate
    /// Whether the archive is compressed.
    package var isCompressed = true
    /// The manifest as it is written, if not as it is understood here.
    var manifestBytes: [UInt8]?
    /// Whether all files belong to root in the image.
    package var ownersAreRoot = false

    /// A writer of an image.
    package init(_ manifest: ImageManifest, _ root: MergedDirectory, date: SourceDate) {
        self.manifest = manifest
        self.root = root
        self.date = date
    }

    /// Writes the image to a file.
    package func write(to path: String, overwrites: Bool) throws(BuildError) -> Written {
        let file = try OutputFile(path: path, overwrites: overwrites)
        var archive = try TreeArchive(
            to: file.descriptor,
            path: path,
            isCompressed ? .gzip : .plain,
            hashing: .sha512,
            date: date
        )
        archive.ownersAreRoot = ownersAreRoot
        try archive.add(file: "manifest", manifestBytes ?? manifest.json.encodedBytes())
        try archive.add(root, named: "rootfs")
        let warnings = archive.warnings
        let written = try archive.finish()
        try file.commit()
        return Written(
            id: "sha512-" + hexadecimal(written.inputDigest.prefix(32)),
            warnings: warnings
        )
    }
}
