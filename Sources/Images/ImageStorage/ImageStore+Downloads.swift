package import Linux
package import OCI

// What the network half has received. It alone writes there, and nothing is believed of it: whoever takes a file over
// computes its digest.

extension ImageStore {
    /// Where downloads lie, relative to the data directory.
    package static let downloads = "images/downloads"

    /// The name of a blob's file while it is downloaded.
    package static func downloadName(_ digest: Digest) -> String {
        "\(digest.algorithm.rawValue)-\(digest.hex)"
    }

    /// Opens a blob that is being downloaded, or kept already.
    package func openBlob(_ digest: Digest) throws(StoreError) -> Descriptor {
        let path = "\(Self.downloads)/\(Self.downloadName(digest))"
        do throws(Errno) {
            return try data.open(path, .nonBlocking)
        } catch {
            guard error == .noSuchFile, let kept = Self.blob(digest.description) else {
                throw .file("open", path, error)
            }
            return try storing("open", kept) { () throws(Errno) in try data.open(kept, .nonBlocking)
            }
        }
    }

    /// Keeps downloaded blobs as they were received; with the index lock held.
    ///
    /// - Returns: those of the digests that are kept now.
    func keepDownloads(
        _ digests: [Digest],
        _ durability: Durability
    ) throws(StoreError) -> [String] {
        let blobs = try making(Self.blobs)
        let downloads = try making(Self.downloads)
        var kept: [String] = []
        for digest in digests where digest.algorithm == .sha256 {
            let name = Self.downloadName(digest)
            if !blobs.contains(digest.hex), downloads.contains(name) {
                try storing("keep", "\(Self.downloads)/\(name)") { () throws(Errno) in
                    let file = try downloads.open(name, .nonBlocking)
                    guard try file.status().kind == .regular else { throw .invalidArgument }
                    if durability == .atOnce { try file.sync() }
                    try downloads.rename(name, to: blobs, as: digest.hex)
                }
            }
            if blobs.contains(digest.hex) { kept.append(digest.description) }
        }
        if !kept.isEmpty {
            try storing("sync", Self.blobs) { () throws(Errno) in try blobs.descriptor.sync() }
        }
        return kept
    }

    /// Removes a kept blob, which isn't what it is called.
    package func removeDamagedBlob(_ digest: Digest) throws(StoreError) {
        try withIndexLock { () throws(StoreError) in try removeBlob(digest.description) }
    }

    /// Removes what was left half received, or not fetched on, for a day.
    func removeOldDownloads() throws(StoreError) {
        let directory = try making(Self.downloads)
        let limit = Time.now().seconds - 24 * 60 * 60
        for name in try names(in: Self.downloads) {
            guard let status = try? directory.status(of: name), status.modified.seconds < limit,
                let file = try? directory.open(name, .nonBlocking),
                (try? file.tryLock(.exclusive)) == true
            else { continue }
            try? directory.remove(name)
        }
    }
}
