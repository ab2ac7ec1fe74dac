internal import Compression
package import ImageStorage
internal import JSON
internal import Linux
package import OCI

/// Writes an OCI image, as a layout or an archive of one (OCI image specification, image layout).
package struct OCIWriter: ~Copyable {
    /// Where the image goes.
    package enum Destination: Sendable {
        /// A tar.
        case archive(String)
        /// A directory, which may hold other images.
        case layout(String)
        /// A tar as `docker save` writes it.
        case dockerArchive(String)
        /// A directory of blobs only, relative to the workshop.
        case blobs(String)
    }

    /// What was written.
    package struct Written: Sendable {
        /// The digest of the configuration: what `rkt` and Docker call the image ID.
        package let id: Digest
        /// The digest of the manifest.
        package let manifest: Digest
        /// What was left out, in words for the user.
        package let warnings: [String]
    }

    private struct Blob {
        let descriptor: ContentDescriptor
        let source: Source

        enum Source {
            case bytes([UInt8])
            case file(String)
        }
    }

    private let content: ImageDraft.OCIContent
    private let layers: [LayerID]
    private let date: SourceDate
    /// How layers are packed.
    package var compression = LayerCompression.gzip
    /// Whether all layers are final; else the last one is packed anew each time.
    package var isFinal = false
    /// What is kept of the image as it was: used wherever it still is that image.
    var kept: KeptImage?

    /// A writer of an image.
    package init(_ content: ImageDraft.OCIContent, layers: [LayerID], date: SourceDate) {
        self.content = content
        self.layers = layers
        self.date = date
    }

    /// Writes the image.
    ///
    /// - Parameter overwrites: whether an archive, or an image of the same tag in a layout, may be replaced.
    package func write(
        to destination: Destination,
        from workshop: borrowing Workshop,
        overwrites: Bool
    ) throws(BuildError) -> Written {
        // Before the work: nobody wants to wait for this refusal.
        switch destination {
        case .archive(let path), .dockerArchive(let path):
            if !overwrites, exists(path) { throw .invalid(OutputFile.exists(path)) }
        case .layout, .blobs: break
        }
        let packed = try pack(in: workshop)
        let (configuration, manifest) = documents(packed)
        var blobs = packed.map { Blob(descriptor: $0.descriptor, source: .file($0.path)) }
        blobs.append(configuration)
        blobs.append(manifest)
        switch destination {
        case .archive(let path):
            try writeArchive(path, blobs, manifest.descriptor, workshop, overwrites)
        case .layout(let path):
            try writeLayout(path, blobs, manifest.descriptor, workshop, overwrites)
        case .dockerArchive(let path):
            try writeDocker(path, packed, configuration, workshop, overwrites)
        case .blobs(let path):
            try step("keep packed layers") { () throws(Errno) in
                let target = try workshop.directory.makingDirectories(path, mode: 0o700)
                for blob in blobs where !target.contains(blob.descriptor.digest.hex) {
                    try put(blob, into: target, workshop)
                }
                try target.descriptor.syncFileSystem()
            }
        }
        if !isFinal, let last = packed.last, layers.count == packed.count {
            do throws(Errno) { try workshop.directory.removeTree(blob: last.path) } catch {}
        }
        return Written(
            id: configuration.descriptor.digest,
            manifest: manifest.descriptor.digest,
            warnings: packed.flatMap(\.warnings)
        )
    }

    private func pack(in workshop: borrowing Workshop) throws(BuildError) -> [LayerBlob] {
        if let kept, let packed = try pack(kept, in: workshop) { return packed }
        return try packLayers(in: workshop)
    }

    private func packLayers(in workshop: borrowing Workshop) throws(BuildError) -> [LayerBlob] {
        var packed: [LayerBlob] = []
        for (index, layer) in layers.enumerated() {
            let isLast = index == layers.count - 1
            if !isFinal, isLast, index > 0, try isEmpty(layer, in: workshop) { continue }
            let isKept = isFinal || !isLast
            packed.append(
                try workshop.blob(of: layer, compression, isFinal: isKept, date: date)
            )
        }
        return packed
    }

    /// The layers that the configuration names, as they were packed where that is kept.
    ///
    /// - Returns: nil if one of them isn't there in any form.
    private func pack(
        _ kept: KeptImage,
        in workshop: borrowing Workshop
    ) throws(BuildError) -> [LayerBlob]? {
        var packed: [LayerBlob] = []
        for diffID in kept.diffIDs {
            if let blob = kept.packed[diffID] {
                packed.append(blob)
                continue
            }
            guard let layer = LayerID("\(diffID.algorithm.rawValue)-\(diffID.hex)"),
                workshop.directory.contains(StoredImage.directory(of: layer))
            else { return nil }
            packed.append(try workshop.blob(of: layer, compression, isFinal: true, date: date))
        }
        return packed
    }

    private func exists(_ path: String) -> Bool { (try? Descriptor.open(path, .pathOnly)) != nil }

    private func isEmpty(
        _ layer: LayerID,
        in workshop: borrowing Workshop
    ) throws(BuildError) -> Bool {
        let directory = try workshop.layer(layer)
        return try step("read a layer") { () throws(Errno) in
            try directory.rawNames().isEmpty && !directory.descriptor.isOpaque
        }
    }

    // MARK: Documents

    private func documents(_ packed: [LayerBlob]) -> (Blob, Blob) {
        if let kept, kept.diffIDs == packed.map(\.diffID) {
            let config = blob(kept.configuration, .configuration)
            if let manifest = kept.manifest, manifest.parsed.layers == packed.map(\.descriptor) {
                let type = manifest.parsed.mediaType ?? .manifest
                return (config, blob(manifest.bytes, type))
            }
            let manifest = Manifest(
                configuration: config.descriptor,
                layers: packed.map(\.descriptor)
            )
            return (config, blob(manifest.json.encodedBytes(), .manifest))
        }
        var configuration = content.configuration
        configuration.created = date.created
        configuration.diffIDs = packed.map(\.diffID)
        configuration.history = history(layers: packed.count)
        let config = blob(configuration.json.encodedBytes(), .configuration)
        let manifest = Manifest(
            configuration: config.descriptor,
            layers: packed.map(\.descriptor),
            annotations: content.annotations
        )
        return (config, blob(manifest.json.encodedBytes(), .manifest))
    }

    /// As many entries with a layer as there are layers: readers count them.
    private func history(layers count: Int) -> [ImageConfiguration.HistoryEntry] {
        var history = content.configuration.history
        var excess = history.count { !$0.isEmptyLayer } - count
        for index in history.indices.reversed() where excess > 0 && !history[index].isEmptyLayer {
            history[index].isEmptyLayer = true
            excess -= 1
        }
        for _ in 0..<max(0, -excess) {
            history.append(.init(created: date.created, createdBy: "acbuild", isEmptyLayer: false))
        }
        return history
    }

    private func blob(_ bytes: [UInt8], _ type: MediaType) -> Blob {
        Blob(
            descriptor: ContentDescriptor(
                mediaType: type,
                digest: digest(of: bytes),
                size: Int64(bytes.count)
            ),
            source: .bytes(bytes)
        )
    }

    /// The entry of the image in the layout's index.
    private func entry(_ manifest: ContentDescriptor) -> ContentDescriptor {
        var entry = manifest
        entry.platform = content.configuration.platform
        let name = content.name.map { "\($0):\(content.tag)" }
        entry.annotations["org.opencontainers.image.ref.name"] = name ?? content.tag
        if let name { entry.annotations["io.containerd.image.name"] = name }
        return entry
    }
}

// MARK: - Destinations

extension OCIWriter {
    private func writeArchive(
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
                let content = try step("read a packed layer") { () throws(Errno) in
                    try workshop.directory.open(source)
                }
                try archive.add(
                    name,
                    content,
                    size: UInt64(blob.descriptor.size),
                    to: file.descriptor,
                    path
                )
            }
        }
        try archive.finish(file.descriptor, path)
        try file.commit()
    }

    /// The names of files are those that `docker save` gives, its layers packed or not.
    private func writeDocker(
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
            let layer = try step("read a packed layer") { () throws(Errno) in
                try workshop.directory.open(blob.path)
            }
            try archive.add(
                name,
                layer,
                size: UInt64(blob.descriptor.size),
                to: file.descriptor,
                path
            )
        }
        try archive.finish(file.descriptor, path)
        try file.commit()
    }

    private func writeLayout(
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

    private func put(
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

extension Directory {
    /// Removes a packed layer that will be packed again.
    fileprivate func removeTree(blob path: String) throws(Errno) {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count == 2 else { return }
        try directory(parts[0]).remove(parts[1])
    }
}

/// The SHA-256 of a document.
func digest(of bytes: [UInt8]) -> Digest {
    guard var hasher = try? Hasher(.sha256), (try? hasher.update(bytes.span)) != nil,
        let sum = try? hasher.finish(), let digest = Digest(.sha256, sum: sum)
    else { preconditionFailure("libcrypto has no SHA-256") }
    return digest
}
