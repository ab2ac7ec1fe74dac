internal import ImageStorage
internal import Linux
internal import OCI

/// Where downloads lie until they are whole, `images/downloads`, and where whole blobs are kept.
///
/// A download is locked by the process that works on it; the lock goes with the process, and what was received stays
/// for the next one.
struct DownloadDirectory: ~Copyable {
    private let downloads: Directory
    private let blobs: Directory

    init(in data: borrowing Directory) throws(Errno) {
        let downloads = try data.makingDirectories(ImageStore.downloads)
        blobs = try data.makingDirectories(ImageStore.blobs)
        self.downloads = downloads
    }

    /// Closes the cage around this directory.
    func confine(reading files: [String]) throws(Errno) {
        try NetworkCage.enter(writing: downloads, reading: blobs, and: files)
    }

    /// The kept blob of a digest; nil if there is none.
    func kept(_ digest: Digest) -> Descriptor? {
        guard digest.algorithm == .sha256, let file = try? blobs.open(digest.hex, .nonBlocking),
            (try? file.status().kind) == .regular
        else { return nil }
        return file
    }

    /// The file of a download, locked; nil if somebody has finished it while we waited.
    ///
    /// - Parameter waiting: called if another process is at it.
    func claim(_ blob: ContentDescriptor, waiting: () -> Void) throws(Errno) -> Descriptor? {
        let name = ImageStore.downloadName(blob.digest)
        while true {
            if kept(blob.digest) != nil { return nil }
            let file = try downloads.open(name, [.readWrite, .create])
            if try !file.tryLock(.exclusive) {
                waiting()
                try file.lock(.exclusive)
            }
            // Whole, it was moved away; another was begun in its place.
            if let now = try? downloads.status(of: name), now.inode == (try file.status().inode) {
                return file
            }
        }
    }

    /// A file of this name to write to.
    func open(_ name: String) throws(Errno) -> Descriptor {
        try downloads.open(name, [.readWrite, .create])
    }

    /// The small file of this name.
    func read(_ name: String) -> [UInt8]? { try? downloads.readFile(name, limit: 64 << 10) }

    /// The directory itself, for who outlives this value.
    func duplicate() -> Descriptor? { try? downloads.descriptor.duplicate() }

    /// Removes a file that may not be there.
    func remove(_ name: String) { try? downloads.remove(name) }
}
