package import AppContainer
internal import JSON
internal import Linux
package import References

/// What a file of `index/names` says about an image.
struct NamedImage: Equatable {
    let id: ImageID
    let name: LabelledName
    let importTime: Int64
}

extension ImageStore {
    /// The image whose ID begins so.
    package func resolve(_ prefix: ImageHash) throws(StoreError) -> StoredImage {
        let id = try identify(prefix)
        guard let image = try image(id) else { throw .notFound(prefix.description) }
        return image
    }

    /// The one ID that begins so, whether or not its record can be read.
    package func identify(_ prefix: ImageHash) throws(StoreError) -> ImageID {
        if let id = ImageID(prefix) { return id }
        guard prefix.digits.utf8.count >= 2 else { throw .tooShort(prefix) }
        let matches = try identifiers().filter { $0.begins(with: prefix) }
        guard matches.count <= 1 else { throw .ambiguous(prefix, candidates: matches) }
        guard let only = matches.first else { throw .notFound(prefix.description) }
        return only
    }

    /// The image of a name: all labels asked for match; without a version `latest` wins, then the newest import.
    ///
    /// Reads the file of the name and the record of the image and nothing else, however many images there are.
    ///
    /// - Parameter runsHere: whether images for other machines are passed over, unless the name asks for their label.
    package func resolve(
        _ name: LabelledName,
        runsHere: Bool = false
    ) throws(StoreError) -> StoredImage {
        let takesAny = !runsHere || name.labels["arch"] != nil
        for candidate in name.candidates {
            let found = try images(named: candidate).filter {
                candidate.matches($0.name) && (takesAny || $0.name.runsHere)
            }
            for image in ordered(found, preferringLatest: candidate.version == nil) {
                // A file of names may be ahead of the record, or behind a removal: the record decides.
                if let image = try self.image(image.id) { return image }
            }
        }
        throw .notFound(name.description)
    }

    /// The image of a name with a port or an address: one of that registry, else one of the name.
    package func resolve(
        _ hosted: HostedName,
        runsHere: Bool = false
    ) throws(StoreError) -> StoredImage {
        if let registry = hosted.registryImage?.name {
            do throws(StoreError) {
                let name = LabelledName(registry, labels: hosted.name.labels)
                return try resolve(name, runsHere: runsHere)
            } catch {
                guard case .notFound = error else { throw error }
            }
        }
        return try resolve(hosted.name, runsHere: runsHere)
    }

    private func ordered(_ images: [NamedImage], preferringLatest: Bool) -> [NamedImage] {
        images.sorted { left, right in
            let isLatest = (left.name.version == "latest", right.name.version == "latest")
            if preferringLatest, isLatest.0 != isLatest.1 { return isLatest.0 }
            return left.importTime > right.importTime
        }
    }

    /// What the file of a name lists; empty if there is none.
    func images(named name: LabelledName) throws(StoreError) -> [NamedImage] {
        try images(inNameFile: name.fileName)
    }

    func images(inNameFile fileName: String) throws(StoreError) -> [NamedImage] {
        let path = "\(Self.names)/\(fileName)"
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try data.readFile(path)
        } catch {
            // A name too long for a file was never stored.
            if error == .noSuchFile || error == .nameTooLong { return [] }
            throw .file("read", path, error)
        }
        do throws(JSONError) {
            return try JSONCursor(JSON.parse(bytes, limit: bytes.count)).elements("images").map {
                image throws(JSONError) in try NamedImage(at: image)
            }
        } catch { throw .damaged(path: path, reason: error.description) }
    }
}

extension LabelledName {
    /// The names a short one may stand for, most literal first: `busybox` is also `docker.io/library/busybox`.
    var candidates: [LabelledName] {
        let parts = name.text.split(separator: "/")
        guard let first = parts.first, !first.contains("."), first != "localhost" else {
            return [self]
        }
        let hub = parts.count == 1 ? "docker.io/library/\(name)" : "docker.io/\(name)"
        return [self]
            + [hub, "localhost/\(name)"].compactMap { text in
                (try? ACIdentifier(text)).map { LabelledName($0, labels: labels) }
            }
    }
}

extension LabelledName {
    /// Whether an image so called may run on this machine, as far as its labels tell.
    fileprivate var runsHere: Bool {
        switch (labels["arch"], HostPlatform.architecture) {
        case (nil, _), ("armv6l", "armv7l"): true
        case (let architecture?, let own): architecture == own
        }
    }
}

extension NamedImage {
    var json: JSON {
        .object([
            .init("id", .string(id.description)),
            .init("name", name.json),
            .init("importTime", .integer(importTime)),
        ])
    }

    init(at cursor: JSONCursor) throws(JSONError) {
        self.init(
            id: try cursor.required("id").imageID(),
            name: try LabelledName(at: cursor.required("name")),
            importTime: try cursor.required("importTime").integer(in: 0...Int64.max)
        )
    }
}
