package import Linux
package import OCI

/// A layer that was unpacked and checked.
package struct UnpackedLayer: Sendable {
    /// The digest of the blob as it was read.
    package let digest: Digest
    /// The SHA-256 of the uncompressed tar.
    package let diffID: Digest
    /// How many bytes its files have, holes included.
    package let size: UInt64
    /// How many entries the tar had.
    package let entries: Int
    /// True if the layer hides everything below it; overlayfs can't say that of a root, so leave the lower layers out.
    package let hidesLowerLayers: Bool
    /// What was left out, in words for the user.
    package let warnings: [String]
}

/// An App Container image that was unpacked.
package struct UnpackedACI: Sendable {
    /// The SHA-512 of the uncompressed tar; its first half is the image ID.
    package let digest: Digest
    /// The digest of the file as it was read, if one was expected.
    package let archiveDigest: Digest?
    /// The bytes of the manifest, not yet parsed.
    package let manifest: [UInt8]
    /// The length of the uncompressed tar.
    package let tarLength: UInt64
    /// How many bytes its files have, holes included.
    package let size: UInt64
    /// How many entries the tar had.
    package let entries: Int
    /// What was left out, in words for the user.
    package let warnings: [String]
}

/// Unpacks images in one pass that reads, hashes, inflates and writes on several processors at once.
///
/// On any error the destination is left empty. The process's file mode mask becomes zero and stays so. Nothing is synced: the caller does that once for the whole tree
/// (`Descriptor.syncFileSystem`) before it marks the tree as complete (R17).
package struct LayerUnpacker: Sendable {
    private let options: UnpackOptions

    /// An unpacker for trees of one kind.
    package init(_ options: UnpackOptions = UnpackOptions()) { self.options = options }

    /// Unpacks an OCI or Docker layer into an empty directory, which can then be an overlay lower directory.
    ///
    /// - Parameters:
    ///   - blob: the layer, compressed in any of the known ways or not at all.
    ///   - directory: where to; it keeps its owner and mode unless the layer has an entry for the root.
    ///   - expectedDigest: what the manifest says about the blob.
    ///   - expectedDiffID: what the image configuration says about the tar.
    ///   - readsWhiteouts: whether it is a layer; an archive of something else has files of such names.
    ///   - progress: told how many bytes of the blob were read, on another thread.
    package func unpack(
        _ blob: BlobSource,
        into directory: borrowing Directory,
        expectedDigest: Digest? = nil,
        expectedDiffID: Digest? = nil,
        readsWhiteouts: Bool = true,
        progress: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) throws(UnpackError) -> UnpackedLayer {
        try emptyingOnFailure(directory) { (directory) throws(UnpackError) in
            var untar = try Untar(
                LayerLayout(readsWhiteouts: readsWhiteouts),
                into: directory,
                options
            )
            let outcome = try Pipeline(blob, hashesBlob: true).run(
                tarAlgorithm: expectedDiffID?.algorithm ?? .sha256,
                blobAlgorithm: expectedDigest?.algorithm ?? .sha256,
                progress: progress
            ) { (chunk) throws(UnpackError) in try untar.take(chunk) }
            guard let digest = outcome.digest else { throw .notAnArchive }
            if let expectedDigest, digest != expectedDigest {
                throw .digest(expected: expectedDigest, actual: digest)
            }
            if let expectedDiffID, outcome.diffID != expectedDiffID {
                throw .diffID(expected: expectedDiffID, actual: outcome.diffID)
            }
            try untar.finish()
            return UnpackedLayer(
                digest: digest,
                diffID: outcome.diffID,
                size: untar.expandedBytes,
                entries: untar.entryCount,
                hidesLowerLayers: untar.tree.hidesLowerLayers,
                warnings: untar.tree.warnings.all
            )
        }
    }

    /// Unpacks the `rootfs` of an App Container image into an empty directory and returns its manifest.
    ///
    /// - Parameters:
    ///   - blob: the image, compressed in any of the known ways or not at all.
    ///   - directory: where `rootfs` goes, without that name.
    ///   - expectedDigest: what the file must have, for instance because its signature was checked over that.
    ///   - tarCopy: a file that gets the uncompressed tar, if that is to be kept.
    ///   - progress: told how many bytes of the blob were read, on another thread.
    package func unpackACI(
        _ blob: BlobSource,
        into directory: borrowing Directory,
        expectedDigest: Digest? = nil,
        keeping tarCopy: TarCopy? = nil,
        progress: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) throws(UnpackError) -> UnpackedACI {
        try emptyingOnFailure(directory) { (directory) throws(UnpackError) in
            var untar = try Untar(ACILayout(), into: directory, options)
            let outcome = try Pipeline(blob, hashesBlob: expectedDigest != nil).run(
                tarAlgorithm: .sha512,
                blobAlgorithm: expectedDigest?.algorithm ?? .sha256,
                keepTar: tarCopy,
                progress: progress
            ) { (chunk) throws(UnpackError) in try untar.take(chunk) }
            if let expectedDigest, outcome.digest != expectedDigest {
                throw .digest(expected: expectedDigest, actual: outcome.digest ?? outcome.diffID)
            }
            try untar.finish()
            return UnpackedACI(
                digest: outcome.diffID,
                archiveDigest: outcome.digest,
                manifest: untar.layout.manifest ?? [],
                tarLength: outcome.tarLength,
                size: untar.expandedBytes,
                entries: untar.entryCount,
                warnings: untar.tree.warnings.all
            )
        }
    }

    /// New files get exactly the mode that the archive says, and none stays after an error.
    ///
    /// The mask stays zero: it belongs to the whole process, and another unpacking may be under way.
    private func emptyingOnFailure<Unpacked>(
        _ directory: borrowing Directory,
        _ unpack: (borrowing Directory) throws(UnpackError) -> Unpacked
    ) throws(UnpackError) -> Unpacked {
        CurrentProcess.setFileModeMask(0)
        do throws(UnpackError) {
            return try unpack(directory)
        } catch {
            do throws(Errno) { try directory.removeContents() } catch {}
            throw error
        }
    }
}
