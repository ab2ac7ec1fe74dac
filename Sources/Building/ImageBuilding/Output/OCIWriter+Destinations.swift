internal import ImageStorage
internal import JSON
internal import Linux
internal import OCI

// Where a packed image goes: each form appears when it is complete.

extension OCIWriter {
    func writeArchive(
        _ path: String,
        _ blobs: [Blob],
        _ manifest: ContentDescriptor,
        _ workshop: borrowing Workshop,
        _ overwrites: Bool
    ) throws(BuildError) {
        let file = try OutputFile(path: path, overwrites: overwrites)
        var archive = LayoutArchive(date: date)
        try archive.add(
            ImageLayout.fileName,
            ImageLayout.json.encodedBytes(),
            to: file.descriptor,
            path
        )
        let index = Index(manifests: [entry(manifest)])
        try archive.add(ImageLayout.indexName, index.json.encodedBytes(), to: file.descriptor, path)
        var seen: Set<Digest> = []
        for blob in blobs where seen.insert(blob.descriptor.digest).inserted {
            let name = blob.descriptor.digest.layoutPath
            switch blob.source {
            case .bytes(let bytes): try archive.add(name, bytes, to: file.descriptor, path)
            case .file(let source):
                let layer = try packedLayer(source, workshop)
                let size = UInt64(blob.descriptor.size)
                try archive.add(name, layer, size: size, to: file.descriptor, path)
            }
        }
        try archive.finish(file.descriptor, path)
        try file.commit()
    }

    /// The names of files are those that `docker save` gives, its layers packed or not.
    func writeDocker(
        _ path: String,
        _ packed: [LayerBlob],
        _ configuration: Blob,
        _ workshop: borrowing Workshop,
        _ overwrites: Bool
    ) throws(BuildError) {
        guard case .bytes(let document) = configuration.source else { return }
        let file = try OutputFile(path: path, overwrites: overwrites)
        var archive = LayoutArchive(date: date)
        let name = content.name.map { "\($0):\(content.tag)" }
        let names = (name ?? content.archiveName).map { [JSON.string($0)] } ?? []
        let config = "\(configuration.descriptor.digest.hex).json"
        let layers = packed.map { "\($0.diffID.hex).tar" }
        let list = JSON.array([
            .object([
                .init("Config", .string(config)), .init("RepoTags", .array(names)),
                .init("Layers", .array(layers.map { .string($0) })),
            ])
        ])
        try archive.add(
            DockerArchive.fileName,
            list.encodedBytes(),
            to: file.descriptor,
            path
        )
        try archive.add(config, document, to: file.descriptor, path)
        var seen: Set<String> = []
        for (blob, name) in zip(packed, layers) where seen.insert(name).inserted {
            let layer = try packedLayer(blob.path, workshop)
            let size = UInt64(blob.descriptor.size)
            try archive.add(name, layer, size: size, to: file.descriptor, path)
        }
        try archive.finish(file.descriptor, path)
        try file.commit()
    }

    private func packedLayer(
        _ path: String,
        _ workshop: borrowing Workshop
    ) throws(BuildError) -> Descriptor {
        try step("read a packed layer") { () throws(Errno) in try workshop.directory.open(path) }
    }

    func writeLayout(
        _ path: String,
        _ blobs: [Blob],
        _ manifest: ContentDescriptor,
        _ workshop: borrowing Workshop,
        _ overwrites: Bool
    ) throws(BuildError) {
        let layout = try step("make \"\(path)\"") { () throws(Errno) in
            try Directory.making(path: path)
        }
        let entry = entry(manifest)
        var index = try self.index(of: layout, path)
        let isThere = index.manifests.contains { $0.referenceName == entry.referenceName }
        guard overwrites || !isThere else { throw .invalid(OutputFile.exists(path)) }
        index.manifests.removeAll { $0.referenceName == entry.referenceName }
        index.manifests.append(entry)
        try step("write \"\(path)\"") { () throws(Errno) in
            let target = try layout.makingDirectories("blobs/sha256", mode: 0o755)
            for blob in blobs where !target.contains(blob.descriptor.digest.hex) {
                try put(blob, into: target, workshop)
            }
            try layout.descriptor.syncFileSystem()
            let marker = ImageLayout.json.encodedBytes()
            try layout.replaceFile(ImageLayout.fileName, marker, mode: 0o644)
            let document = index.json.encodedBytes()
            try layout.replaceFile(ImageLayout.indexName, document, mode: 0o644, durable: true)
        }
    }

    private func index(
        of layout: borrowing Directory,
        _ path: String
    ) throws(BuildError) -> Index {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try layout.readFile(ImageLayout.indexName, limit: Limits.document)
        } catch {
            guard error == .noSuchFile else { throw .system("read \"\(path)/index.json\"", error) }
            guard try step("read \"\(path)\"", { () throws(Errno) in try layout.entries().isEmpty })
            else { throw .invalid("\"\(path)\" is neither empty nor an OCI layout") }
            return Index(manifests: [])
        }
        do throws(OCIError) {
            return try Index(parsing: bytes)
        } catch { throw .invalid("\"\(path)/index.json\": \(error)") }
    }

    func put(
        _ blob: Blob,
        into target: borrowing Directory,
        _ workshop: borrowing Workshop
    ) throws(Errno) {
        let name = blob.descriptor.digest.hex
        let temporary = ".\(name.prefix(16)).\(randomHex(bytes: 6))"
        do throws(Errno) {
            let file = try target.open(
                temporary,
                [.writeOnly, .create, .exclusive],
                mode: 0o644
            )
            switch blob.source {
            case .bytes(let bytes): try file.write(bytes)
            case .file(let source):
                let content = try workshop.directory.open(source)
                try content.copyData(to: file, size: UInt64(blob.descriptor.size))
            }
            try target.rename(temporary, to: target, as: name)
        } catch {
            do throws(Errno) { try target.remove(temporary) } catch {}
            throw error
        }
    }
}

extension ImageDraft.OCIContent {
    /// A name with a tag that was given as one, as archives of Docker have it.
    fileprivate var archiveName: String? { tag.contains(":") ? tag : nil }
}
