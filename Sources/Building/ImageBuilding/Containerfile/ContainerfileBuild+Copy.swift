internal import Archives
internal import Compression
internal import Containerfiles
internal import ImageStorage
internal import Linux

extension ContainerfileBuild {
    /// Everything that a `COPY` or `ADD` puts into the image, found but not yet read.
    private struct Load {
        var source: CopySource
        var files: [FoundFile] = []
        var documents: [(name: String, text: String)] = []
        var web: [WebFile] = []

        var count: Int { files.count + documents.count + web.count }

        /// What the layer depends on.
        func key(keepsParents: Bool, excludes: [String]) throws -> String {
            var inputs = files.map { keepsParents ? FoundFile.text($0.named) : $0.text }
            inputs += documents.map { "\($0.name)\u{0}\($0.text)" }
            inputs += web.map { "\($0.url)\u{0}\($0.sum)" } + excludes
            if let key = source.key {
                inputs.append(key)
            } else {
                for file in files { inputs.append(try source.digest(of: file, .contents)) }
            }
            return inputs.joined(separator: "\u{0}")
        }

        /// Changes whenever somebody writes to the files.
        func stamp() throws -> [String] {
            guard source.key == nil else { return [] }
            return try files.map { try source.digest(of: $0, .stamps) }
        }
    }

    func copy(
        _ copy: Instruction.Copy,
        _ instruction: Instruction,
        of index: Int,
        _ state: inout StageState
    ) throws {
        let now = state
        func expand(_ text: String) throws -> String {
            try Words.expand(text, escape: file.escape) { now.value($0) }
        }
        let excludes = try copy.excludes.map(expand)
        var load = Load(source: try source(copy.from.map(expand), before: index))
        load.source.excludes = IgnoreFile(excludes.joined(separator: "\n"))
        load.documents = try documents(copy, instruction, state)
        let checksum = try copy.checksum.map { String(try expand($0).dropFirst("sha256:".count)) }
        for text in try copy.sources.filter({ !$0.hasPrefix("<<") }).map(expand) {
            if copy.takesURLs, Instruction.Copy.isURL(text) {
                load.web.append(try webFile(text, checksum: checksum))
            } else {
                load.files += try load.source.find(text)
            }
        }
        let written = try expand(copy.target)
        let target = absolute(written, state)
        let owner = try copy.owner.map(expand) ?? ""
        let mode = try copy.mode.map(expand) ?? ""
        let attributes = try self.attributes(owner, mode, load.source, state)
        let before = try load.stamp()
        let key = Self.key(
            state.key,
            copy.takesURLs ? "ADD" : "COPY",
            written,
            target,
            owner,
            mode,
            copy.unpacks.map { "\($0)" } ?? "",
            copy.keepsParents ? "parents" : "",
            try load.key(keepsParents: copy.keepsParents, excludes: excludes)
        )
        try addLayer(key, instruction, &state) { (layers, place) in
            try stage(above: layers, as: place) { (staging) in
                staging.attributes = attributes
                try put(load, copy, written, target, above: layers, &staging)
                // A layer must hold what its key says, whoever writes to the context meanwhile.
                guard try load.stamp() == before else {
                    throw BuildError.invalid("the files changed while they were read")
                }
            }
        }
    }

    private func put(
        _ load: Load,
        _ copy: Instruction.Copy,
        _ written: String,
        _ target: String,
        above layers: [LayerID],
        _ staging: inout TreeStaging
    ) throws {
        let isDirectory =
            try written.hasSuffix("/") || copy.keepsParents || load.count > 1
            || root(layers).resolve(Array(target.utf8)).status?.kind == .directory
        for file in load.files {
            var (place, isDirectory) = (target, isDirectory)
            if copy.keepsParents {
                let kept = file.status.kind == .directory ? file.named : file.named.dropLast()
                place += "/" + FoundFile.text(Array(kept))
                isDirectory = true
            }
            let unpacks = copy.takesURLs && copy.unpacks ?? true
            try self.copy(file, of: load.source, to: place, isDirectory, unpacks, &staging)
        }
        for document in load.documents {
            let path = isDirectory ? target + "/" + document.name : target
            try staging.write(Array(document.text.utf8), to: Array(path.utf8))
        }
        for web in load.web {
            let unpacks = copy.unpacks ?? false
            try add(web, to: target, isDirectory: isDirectory, unpacks: unpacks, &staging)
        }
    }

    /// The files of a stage or image, or of the context if none is named.
    func source(_ from: String?, before index: Int) throws -> CopySource {
        guard let from else {
            return CopySource(root: context, key: nil, ignore: ignore, keepsOwners: false)
        }
        let layers: [LayerID]
        let key: String
        if let stage = file.stage(from, before: index) {
            let state = try self.stage(stage)
            (layers, key) = (state.layers, state.key)
        } else {
            let image = try image(from)
            (layers, key) = (image.draft.layers, image.key)
        }
        return CopySource(root: try root(layers), key: key, ignore: IgnoreFile(), keepsOwners: true)
    }

    /// The documents that are copied; quotes in them are characters as any other.
    private func documents(
        _ copy: Instruction.Copy,
        _ instruction: Instruction,
        _ state: StageState
    ) throws -> [(name: String, text: String)] {
        guard copy.sources.contains(where: { $0.hasPrefix("<<") }) else { return [] }
        return try instruction.documents.map { document in
            guard !document.isLiteral else { return (document.name, document.text) }
            let text = try Words.expand(
                document.text,
                escape: file.escape,
                keepsQuotes: true
            ) { state.value($0) }
            return (document.name, text)
        }
    }

    private func copy(
        _ found: FoundFile,
        of source: CopySource,
        to target: String,
        _ isDirectory: Bool,
        _ unpacks: Bool,
        _ staging: inout TreeStaging
    ) throws {
        staging.isExcluded = { path in
            source.excludes(String(decoding: path, as: UTF8.self), of: found)
        }
        guard let name = found.path.last else {
            return try staging.copy(nil, in: source.root, to: Array(target.utf8))
        }
        let parent = try source.root.directory(at: Array(found.path.dropLast()))
        if found.status.kind == .directory {
            return try staging.copy(name, in: parent, to: Array(target.utf8))
        }
        if unpacks, found.status.kind == .regular, let entry = try parent.entry(name) {
            let file = try parent.file(name, entry)
            if try Self.isArchive(file) { return try unpack(file, to: target, &staging) }
        }
        let path = isDirectory ? Array("\(target)/".utf8) + name.bytes : Array(target.utf8)
        try staging.copy(name, in: parent, to: path)
    }

    static func isArchive(_ file: borrowing Descriptor) throws -> Bool {
        let start = try file.read(at: 0, count: CompressionFormat.detectionLength)
        return CompressionFormat(detecting: start.span) != nil
    }

    /// Puts what is in an archive below a directory of the image.
    func unpack(
        _ file: borrowing Descriptor,
        to target: String,
        _ staging: inout TreeStaging
    ) throws {
        let temporary = try workshop.makeTemporary()
        defer { workshop.remove(temporary) }
        let tree = try workshop.open(temporary)
        try ArchiveUnpacking.unpack(file, into: tree, warn: warn)
        let kept = staging.attributes
        // What an archive says about owners and permissions stays, unless the instruction says otherwise.
        if kept.uid == 0, kept.gid == 0 {
            staging.attributes.uid = nil
            staging.attributes.gid = nil
        }
        staging.isExcluded = { _ in false }
        try staging.copy(nil, in: MergedDirectory(layer: tree), to: Array(target.utf8))
        staging.attributes = kept
    }

    private func attributes(
        _ owner: String,
        _ mode: String,
        _ source: CopySource,
        _ state: StageState
    ) throws -> TreeStaging.Attributes {
        var attributes = TreeStaging.Attributes()
        if !source.keepsOwners { (attributes.uid, attributes.gid) = (0, 0) }
        if !mode.isEmpty {
            guard let bits = UInt32(mode, radix: 8), bits <= 0o7777 else {
                throw BuildError.invalid("--chmod takes an octal number: \"\(mode)\"")
            }
            attributes.mode = bits
        }
        if !owner.isEmpty {
            let names = try ImageNames(root(state.layers))
            (attributes.uid, attributes.gid) = try names.identity(owner)
        }
        return attributes
    }
}
