internal import AppContainer
internal import JSON
internal import Linux
internal import References

// Changes of the index. What is read, changed and replaced here is held by the index lock, for milliseconds; readers
// take no lock.

extension ImageStore {
    /// Runs a body while nobody else changes the index.
    func withIndexLock<Result: ~Copyable>(
        _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let locks = try making(Self.locks)
        let lock = try storing("lock", "\(Self.locks)/images") { () throws(Errno) in
            let file = try locks.open("images", [.readWrite, .create])
            try file.lock(.exclusive)
            return file
        }
        let result = try body()
        _ = consume lock
        return result
    }

    /// Puts an image into the file of one of its names, first.
    func addName(_ name: LabelledName, of image: StoredImage) throws(StoreError) {
        let entry = NamedImage(id: image.id, name: name, importTime: image.importTime)
        var images = try images(named: name)
        images.removeAll { $0.id == entry.id && $0.name == name }
        // The temporary name beside it is 14 bytes longer.
        guard name.fileName.utf8.count <= 240 else { throw .longName(name.name.text) }
        try write([entry] + images, toNameFile: name.fileName)
    }

    /// Takes images out of the file of a name.
    func removeImages(
        fromNameFile fileName: String,
        where isGone: (ImageID) -> Bool
    ) throws(StoreError) {
        let images = try images(inNameFile: fileName)
        let remaining = images.filter { !isGone($0.id) }
        if remaining != images { try write(remaining, toNameFile: fileName) }
    }

    private func write(
        _ images: [NamedImage],
        toNameFile fileName: String
    ) throws(StoreError) {
        let directory = try making(Self.names)
        try storing("write", "\(Self.names)/\(fileName)") { () throws(Errno) in
            guard !images.isEmpty else { return try directory.remove(fileName) }
            let content = JSON.object([.init("images", .array(images.map(\.json)))])
            try directory.replaceFile(fileName, content.encodedBytes(), durable: true)
        }
    }
}
