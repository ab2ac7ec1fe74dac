internal import AppContainer
internal import JSON
package import Linux

/// The images of one data directory: layers unpacked once and shared, and one record per image.
///
///     $data/images/layers/ALGORITHM-HEX/   an unpacked layer; being there under this name means being complete
///     $data/images/unsettled/LAYER         a mark of one that may not be on the disk yet
///     $data/images/blobs/sha256/HEX        manifest, configuration and packed layers of OCI images, byte for byte
///     $data/images/downloads/…             what is being downloaded
///     $data/images/index/ID.json           the record of an image; being there means that all it names is there
///     $data/images/index/names/NAME.json   which images have the name
///     $data/images/index/used/ID           its modification time is when the image was last used
///     $data/images/index/sources/KEY       the file an image was imported from
///     $data/locks/…  $data/tmp/…           who works on what; what is being built or removed
///
/// Packed layers are kept of images from registries, as a push needs them byte for byte; an import from disk keeps none,
/// as the user has them.
///
/// There is no database and no daemon. Every file appears whole by a rename, records after what they name; a process may
/// be killed anywhere and leaves nothing but files in `tmp`, which the next import or collection recognises by
/// their lock and removes. Reading takes no lock.
package struct ImageStore: ~Copyable {
    /// The data directory.
    package let data: Directory
    private let knownBoot: BootID?

    /// The store below a data directory, which may be empty.
    ///
    /// - Parameter boot: the run of the machine, for a process whose cage keeps it from asking.
    package init(data: consuming Directory, boot: BootID? = nil) {
        self.data = data
        knownBoot = boot
    }

    var boot: BootID? { knownBoot ?? .current }

    /// The image of an ID; nil if it isn't here.
    package func image(_ id: ImageID) throws(StoreError) -> StoredImage? {
        let path = Self.record(of: id)
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try data.readFile(path, limit: Self.recordLimit)
        } catch {
            if error == .noSuchFile { return nil }
            throw .file("read", path, error)
        }
        do throws(JSONError) {
            return try StoredImage(record: JSONCursor(JSON.parse(bytes, limit: bytes.count)))
        } catch { throw .damaged(path: path, reason: error.description) }
    }

    /// Whether an image is here.
    ///
    /// A pod that uses layers without holding a lock writes its `layers` file and asks this afterwards: removal
    /// takes the record away first and looks at the pods' files next, so one of the two sees the other.
    package func contains(_ id: ImageID) -> Bool { data.contains(Self.record(of: id)) }

    /// Every image, in the order of their IDs.
    ///
    /// A record that can't be read is left out, as it can't be used.
    package func list() throws(StoreError) -> [StoredImage] {
        var images: [StoredImage] = []
        for id in try identifiers() {
            guard let image = try? image(id) else { continue }
            images.append(image)
        }
        return images
    }

    /// The IDs of all images, sorted.
    package func identifiers() throws(StoreError) -> [ImageID] {
        try names(in: Self.index).compactMap { name in
            name.hasSuffix(".json") ? ImageID(String(name.dropLast(5))) : nil
        }.sorted()
    }

    /// The bytes of a kept blob, a manifest or configuration.
    package func blob(_ digest: String) throws(StoreError) -> [UInt8] {
        guard let path = Self.blob(digest) else { throw .notFound(digest) }
        return try storing("read", path) { () throws(Errno) in try data.readFile(path) }
    }
}

// MARK: - Paths

extension ImageStore {
    /// The longest record: a manifest of 4 MiB whose every byte is written as an escape, and some more.
    static let recordLimit = 32 << 20

    static let index = "images/index"
    static let names = "images/index/names"
    static let used = "images/index/used"
    static let sources = "images/index/sources"
    static let layers = "images/layers"
    /// Where blobs are kept, relative to the data directory.
    package static let blobs = "images/blobs/sha256"
    static let locks = "locks"
    static let temporary = "tmp"

    static func record(of id: ImageID) -> String { "\(index)/\(id).json" }

    static func blob(_ digest: String) -> String? {
        let parts = digest.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "sha256",
            let hash = try? ImageHash("sha256-\(parts[1])"), hash.digits == parts[1],
            hash.digits.utf8.count == ImageID.digits
        else { return nil }
        return "\(blobs)/\(hash.digits)"
    }

    /// The names in a directory of the store; none if it was never made.
    func names(in path: String) throws(StoreError) -> [String] {
        do throws(Errno) {
            return try data.directory(path).entries().map(\.name)
        } catch {
            if error == .noSuchFile { return [] }
            throw .file("list", path, error)
        }
    }

    /// A directory of the store, made if it isn't there; private, as set-id programs of images lie below (R14).
    func making(_ path: String) throws(StoreError) -> Directory {
        try storing("make directory", path) { () throws(Errno) in
            try data.makingDirectories(path, mode: 0o700)
        }
    }
}
