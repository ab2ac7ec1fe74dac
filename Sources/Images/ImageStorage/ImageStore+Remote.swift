internal import JSON
package import Linux

/// What is known of an image's other place: what it had there, and since when.
package struct RemoteRecord: Sendable, Equatable {
    /// The image.
    package let id: ImageID
    /// The entity tag, or the digest in a registry.
    package let tag: String
    /// For how many seconds nobody has to ask again.
    package let maximumAge: Int64
    /// When it was asked, in seconds since 1970.
    package let time: Int64

    /// Describes an answer.
    package init(id: ImageID, tag: String, maximumAge: Int64, time: Int64 = Time.now().seconds) {
        (self.id, self.tag) = (id, tag)
        (self.maximumAge, self.time) = (maximumAge, time)
    }

    /// Whether nobody has to ask yet; a clock that went backwards asks.
    package var isFresh: Bool {
        let age = Time.now().seconds - time
        return maximumAge > 0 && 0...maximumAge ~= age
    }
}

// `images/index/remotes/KEY.json`: one small file per reference. It only saves time, so a lost one is no harm.

extension ImageStore {
    static let remotes = "images/index/remotes"

    /// What is known of a reference; nil unless the image is here.
    package func remote(_ reference: String) -> RemoteRecord? {
        let path = "\(Self.remotes)/\(Self.fileName(of: reference))"
        guard let bytes = try? data.readFile(path, limit: 64 << 10),
            let json = try? JSON.parse(bytes), json["reference"]?.string == reference,
            let id = json["id"]?.string.flatMap({ ImageID($0) }), contains(id),
            let tag = json["tag"]?.string, let age = json["maximumAge"]?.integer,
            let time = json["time"]?.integer
        else { return nil }
        return RemoteRecord(id: id, tag: tag, maximumAge: age, time: time)
    }

    /// Remembers what a reference has brought.
    package func remember(_ record: RemoteRecord, of reference: String) {
        let json = JSON.object([
            .init("reference", .string(reference)), .init("id", .string(record.id.description)),
            .init("tag", .string(record.tag)), .init("maximumAge", .integer(record.maximumAge)),
            .init("time", .integer(record.time)),
        ])
        let directory = try? making(Self.remotes)
        try? directory?.replaceFile(Self.fileName(of: reference), json.encodedBytes())
    }

    /// Forgets the references of images that are gone.
    func forgetRemotes() throws(StoreError) {
        let directory = try making(Self.remotes)
        for name in try names(in: Self.remotes) {
            let record = (try? directory.readFile(name)).flatMap { try? JSON.parse($0) }
            let id = record?["id"]?.string.flatMap { ImageID($0) }
            if let id, contains(id) { continue }
            try? directory.remove(name)
        }
    }

    /// A name for a download of a URL.
    package static func downloadName(ofURL url: String) -> String { "url-\(mixed(url))" }

    /// Waits until no other process downloads this name; `waiting` is called if one does.
    package func lockDownload(
        _ name: String,
        waiting: () -> Void
    ) throws(StoreError) -> StoreLock {
        let locks = try making(Self.locks)
        return try storing("lock", "\(Self.locks)/\(name)") { () throws(Errno) in
            if let free = try StoreLock.takeIfFree(name, in: locks) { return free }
            waiting()
            return try StoreLock.take(name, .exclusive, in: locks)
        }
    }

    /// Opens a download.
    package func openDownload(_ name: String) throws(StoreError) -> Descriptor {
        let path = "\(Self.downloads)/\(name)"
        return try storing("open", path) { () throws(Errno) in try data.open(path, .nonBlocking) }
    }

    /// Removes a download and what belongs to it.
    package func removeDownload(_ name: String) {
        guard let directory = try? making(Self.downloads) else { return }
        for suffix in ["", ".asc", ".state"] { try? directory.remove(name + suffix) }
    }

    private static func fileName(of reference: String) -> String { "\(mixed(reference)).json" }

    /// 128 bits that differ for different texts, by FNV-1a from two starts; whoever makes two texts alike gains nothing, as
    /// the record holds the text itself.
    private static func mixed(_ text: String) -> String {
        func sum(_ start: UInt64) -> UInt64 {
            text.utf8.reduce(start) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        }
        let starts: [UInt64] = [0xCBF2_9CE4_8422_2325, 0x6C62_272E_07BB_0142]
        return starts.map { start in
            let digits = String(sum(start), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
