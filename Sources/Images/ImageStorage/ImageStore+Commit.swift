internal import AppContainer
internal import JSON
internal import Linux
package import References
package import Trust

extension ImageStore {
    /// Makes an image visible: blobs, then names, then the record that names them all, each on stable storage.
    ///
    /// An image that is here already gets the new names too and counts as imported now.
    package func commit(_ verified: consuming VerifiedImage) throws(StoreError) -> StoredImage {
        let warrant = verified.warrant
        let image = verified.intoImage()
        return try withIndexLock { () throws(StoreError) in
            try keep(image.blobs)
            let isUnsettled = image.layers.contains { self.isUnsettled($0.layer) }
            let packed = try keepDownloads(image.layerBlobs, isUnsettled ? .later : .atOnce)
            var size: UInt64 = 0
            for layer in Set(image.layers.map(\.layer)) {
                size = size.addingReportingOverflow(note(of: layer).size).partialValue
            }
            let older = try? self.image(image.id)
            var names = older?.names ?? []
            for name in image.names where !names.contains(name) { names.append(name) }
            let stored = StoredImage(
                id: image.id,
                names: names,
                layers: image.layers.map(\.layer),
                size: size,
                importTime: Time.now().totalNanoseconds,
                manifest: image.manifest,
                blobs: image.blobs.map(\.digest) + packed,
                warrant: warrant.orStronger(older?.warrant),
                signatures: warrant.signatures.added(to: older?.signatures ?? [])
            )
            let record = try record(of: stored)
            for name in image.names { try addName(name, of: stored) }
            try write(record, of: stored.id)
            return stored
        }
    }

    /// Gives an image another name, first among those of that name.
    package func tag(_ id: ImageID, as name: LabelledName) throws(StoreError) {
        try withIndexLock { () throws(StoreError) in
            guard var image = try image(id) else { throw .notFound(id.description) }
            image.importTime = Time.now().totalNanoseconds
            if !image.names.contains(name) { image.names.append(name) }
            // Whoever gives the name here stands for it; by which key the image was signed stays what it was.
            let renamed = image.admission(called: name.name.text).signatures
            image.signatures = renamed.added(to: image.signatures)
            let record = try record(of: image)
            try addName(name, of: image)
            try write(record, of: id)
        }
    }

    /// Notes a signature of an image that was checked after it was stored.
    package func note(_ signature: ImageSignature, of id: ImageID) throws(StoreError) {
        try withIndexLock { () throws(StoreError) in
            guard var image = try image(id) else { throw .notFound(id.description) }
            image.warrant = .signed(signature)
            image.signatures = [signature].added(to: image.signatures)
            try write(record(of: image), of: id)
        }
    }

    private func keep(_ blobs: [(digest: String, bytes: [UInt8])]) throws(StoreError) {
        let directory = try making(Self.blobs)
        for blob in blobs {
            guard let path = Self.blob(blob.digest), !data.contains(path) else { continue }
            let name = String(path.dropFirst(Self.blobs.utf8.count + 1))
            try storing("write", path) { () throws(Errno) in
                try directory.replaceFile(name, blob.bytes, durable: true)
            }
        }
    }

    /// The record as it is written; what can't be read back, being nested too deep for instance, isn't.
    private func record(of image: StoredImage) throws(StoreError) -> [UInt8] {
        let record = image.record.encodedBytes()
        do throws(JSONError) {
            _ = try StoredImage(record: JSONCursor(JSON.parse(record, limit: Self.recordLimit)))
        } catch { throw .unstorable(image.id, reason: error.description) }
        return record
    }

    private func write(_ record: [UInt8], of id: ImageID) throws(StoreError) {
        let used = try making(Self.used)
        let index = try making(Self.index)
        try storing("write", Self.record(of: id)) { () throws(Errno) in
            _ = try used.open(id.description, [.writeOnly, .create, .truncate])
            try index.replaceFile("\(id).json", record, durable: true)
        }
    }
}

extension Warrant {
    fileprivate var signatures: [ImageSignature] {
        if case .signed(let signature) = self { [signature] } else { [] }
    }
}

extension [ImageSignature] {
    /// Whether these are among them.
    func contains(all others: [ImageSignature]) -> Bool { Set(others).isSubset(of: self) }

    /// How many a record keeps.
    private static let most = 64

    /// These before those that were noted earlier.
    fileprivate func added(to older: [ImageSignature]) -> [ImageSignature] {
        Array((self + older.filter { !contains($0) }).prefix(Self.most))
    }
}
