internal import JSON
package import Linux

/// A file that images are imported from, as it was when it was read.
///
/// The change time can't be set by a user, so a file that has this status again has these contents again.
package struct ImageSource: Sendable, Equatable {
    private let status: [UInt64]
    private let kind: FetchRequest.Kind
    private let tag: String

    /// The file, how it is read, and which image of it.
    package init(
        _ file: borrowing Descriptor,
        as kind: FetchRequest.Kind,
        tag: String?
    ) throws(Errno) {
        let now = try file.status()
        status = [
            now.device, now.inode, now.size,
            UInt64(bitPattern: now.modified.totalNanoseconds),
            UInt64(bitPattern: now.changed.totalNanoseconds),
        ]
        self.kind = kind
        self.tag = tag ?? ""
    }

    /// The name of its record; nil for a tag that can't be part of one.
    fileprivate var fileName: String? {
        let isPlain = tag.utf8.allSatisfy {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "-._".utf8.contains($0)
        }
        guard isPlain, tag.utf8.count <= 128 else { return nil }
        return "\(status[0])-\(status[1])-\(kind.rawValue)" + (tag.isEmpty ? "" : "-\(tag)")
    }

    fileprivate func record(of id: ImageID) -> JSON {
        .object([
            .init("id", .string(id.description)),
            .init("status", .array(status.map { .string(String($0)) })),
        ])
    }

    fileprivate func image(in record: JSON) -> ImageID? {
        guard record["status"] == .array(status.map { .string(String($0)) }) else { return nil }
        return record["id"]?.string.flatMap { ImageID($0) }
    }
}

extension ImageStore {
    /// The image that a file was imported as, if the file hasn't changed since and the image is still here.
    package func image(from source: ImageSource) throws(StoreError) -> StoredImage? {
        guard let name = source.fileName,
            let bytes = try? data.readFile("\(Self.sources)/\(name)"),
            let record = try? JSON.parse(bytes),
            let id = source.image(in: record)
        else { return nil }
        return try image(id)
    }

    /// Remembers what a file was imported as.
    ///
    /// It only saves time, so it isn't worth an error.
    package func remember(_ source: ImageSource, as id: ImageID) {
        guard let name = source.fileName, let directory = try? making(Self.sources) else { return }
        try? directory.replaceFile(name, source.record(of: id).encodedBytes())
    }

    /// Waits until no other process imports this file; nil if imports of it can't be told apart.
    package func lock(_ source: ImageSource) throws(StoreError) -> StoreLock? {
        guard let name = source.fileName else { return nil }
        let locks = try making(Self.locks)
        return try storing("lock", "\(Self.locks)/source-\(name)") { () throws(Errno) in
            try StoreLock.take("source-\(name)", .exclusive, in: locks)
        }
    }

    /// Ends what ``lock(_:)`` began.
    package func unlock(_ lock: StoreLock) {
        guard let locks = try? making(Self.locks) else { return }
        try? lock.removeFile(in: locks)
    }

    /// Forgets the files of images that are gone.
    func forgetSources() throws(StoreError) {
        let directory = try making(Self.sources)
        for name in try names(in: Self.sources) {
            let record = (try? directory.readFile(name)).flatMap { try? JSON.parse($0) }
            let id = record?["id"]?.string.flatMap { ImageID($0) }
            if let id, contains(id) { continue }
            try? directory.remove(name)
        }
    }
}
