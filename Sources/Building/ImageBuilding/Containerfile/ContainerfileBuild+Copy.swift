internal import Archives
internal import Compression
internal import Containerfiles
internal import ImageStorage
internal import Linux

/// Where the files of a `COPY` come from.
struct CopySource {
    /// The root that no path leads out of.
    let root: MergedDirectory
    /// What the contents depend on; nil if they have to be read.
    let key: String?
    /// What is left out.
    let ignore: IgnoreFile
    /// Whether the owners are kept.
    let keepsOwners: Bool
}

/// A source that was found.
struct FoundFile {
    /// From the root of the source.
    let path: [RawName]
    let status: FileStatus

    var text: String {
        path.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: "/")
    }
}

extension ContainerfileBuild {
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
        let source = try self.source(copy, index, expand)
        let documents = try documents(copy, instruction, state)
        let patterns = try copy.sources.filter { !$0.hasPrefix("<<") }.map(expand)
        var found: [FoundFile] = []
        for pattern in patterns { found += try find(pattern, in: source) }
        let written = try expand(copy.target)
        let target = absolute(written, state)
        let owner = try copy.owner.map(expand) ?? ""
        let mode = try copy.mode.map(expand) ?? ""
        let attributes = try self.attributes(owner, mode, source, state)
        var inputs = found.map(\.text) + documents.map { "\($0.name)\u{0}\($0.text)" }
        if let key = source.key {
            inputs.append(key)
        } else {
            for file in found { inputs.append(try contents(of: file, in: source)) }
        }
        let key = Self.key(
            state.key,
            copy.unpacks ? "ADD" : "COPY",
            written,
            target,
            owner,
            mode,
            inputs.joined(separator: "\u{0}")
        )
        try addLayer(key, instruction, &state) { (layers, place) in
            try stage(above: layers, as: place) { (staging) in
                staging.attributes = attributes
                let isDirectory =
                    try written.hasSuffix("/") || found.count + documents.count > 1
                    || root(layers).resolve(Array(target.utf8)).status?.kind == .directory
                for file in found {
                    try self.copy(
                        file,
                        of: source,
                        to: target,
                        isDirectory: isDirectory,
                        unpacks: copy.unpacks,
                        &staging
                    )
                }
                for document in documents {
                    let path = isDirectory ? target + "/" + document.name : target
                    try staging.write(Array(document.text.utf8), to: Array(path.utf8))
                }
            }
        }
    }

    private func source(
        _ copy: Instruction.Copy,
        _ index: Int,
        _ expand: (String) throws -> String
    ) throws -> CopySource {
        guard let from = try copy.from.map(expand) else {
            return CopySource(root: context, key: nil, ignore: ignore, keepsOwners: false)
        }
        if let stage = file.stage(from, before: index) {
            let state = try self.stage(stage)
            return CopySource(
                root: try root(state.layers),
                key: state.key,
                ignore: IgnoreFile(),
                keepsOwners: true
            )
        }
        let image = try image(from)
        return CopySource(
            root: try root(image.draft.layers),
            key: image.key,
            ignore: IgnoreFile(),
            keepsOwners: true
        )
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

    // MARK: Finding

    /// What a path or pattern names; nothing is an error, and so is a path that leads out of the source.
    private func find(_ pattern: String, in source: CopySource) throws -> [FoundFile] {
        var parts: [String] = []
        for part in pattern.split(separator: "/") where part != "." {
            if part == ".." {
                guard parts.popLast() != nil else {
                    throw BuildError.invalid("\"\(pattern)\" leads out of the context")
                }
            } else {
                parts.append(String(part))
            }
        }
        let isPattern = parts.contains { $0.contains { "*?[\\".contains($0) } }
        var found: [FoundFile] = []
        if isPattern {
            try match(parts[...], source.root, [], source, &found)
        } else {
            let path = parts.joined(separator: "/")
            let resolved = try source.root.resolve(Array(path.utf8))
            if let status = resolved.status, path.isEmpty || !source.ignore.excludes(path) {
                found.append(FoundFile(path: resolved.components, status: status))
            }
        }
        guard !found.isEmpty else {
            throw BuildError.invalid("\"\(pattern)\": no such file or directory")
        }
        return found
    }

    private func match(
        _ parts: ArraySlice<String>,
        _ directory: MergedDirectory,
        _ path: [RawName],
        _ source: CopySource,
        _ found: inout [FoundFile]
    ) throws {
        guard let first = parts.first else { return }
        for name in try directory.names() {
            let text = String(decoding: name.bytes, as: UTF8.self)
            guard PathPattern.matches(text, first), let entry = try directory.entry(name) else {
                continue
            }
            let place = path + [name]
            let file = FoundFile(path: place, status: entry.status)
            if source.ignore.excludes(file.text) { continue }
            if parts.count == 1 {
                let resolved = try source.root.resolve(Array(file.text.utf8))
                guard let status = resolved.status else { continue }
                found.append(FoundFile(path: resolved.components, status: status))
            } else if entry.status.kind == .directory {
                let below = try directory.directory(name, entry)
                try match(parts.dropFirst(), below, place, source, &found)
            }
        }
    }

    // MARK: Contents

    /// A digest of everything that a copy takes over.
    private func contents(of file: FoundFile, in source: CopySource) throws -> String {
        guard let name = file.path.last else {
            return try contents(of: source.root, at: "", source)
        }
        let parent = try source.root.directory(at: Array(file.path.dropLast()))
        guard let entry = try parent.entry(name) else { return "" }
        return try contents(of: name, entry, in: parent, at: file.text, source)
    }

    private func contents(
        of directory: MergedDirectory,
        at path: String,
        _ source: CopySource
    ) throws -> String {
        var parts = ["\(try directory.status().permissions)"]
        for name in try directory.names() {
            let text = String(decoding: name.bytes, as: UTF8.self)
            let place = path.isEmpty ? text : "\(path)/\(text)"
            if source.ignore.excludes(place) { continue }
            guard let entry = try directory.entry(name) else { continue }
            parts.append(hexadecimal(name.bytes))
            parts.append(try contents(of: name, entry, in: directory, at: place, source))
        }
        return Self.key(parts.joined(separator: " "))
    }

    private func contents(
        of name: RawName,
        _ entry: MergedDirectory.Entry,
        in directory: MergedDirectory,
        at path: String,
        _ source: CopySource
    ) throws -> String {
        let status = entry.status
        switch status.kind {
        case .directory:
            return try contents(of: directory.directory(name, entry), at: path, source)
        case .symbolicLink: return "link \(hexadecimal(try directory.link(name, entry)))"
        case .regular:
            let file = try directory.file(name, entry)
            return "file \(status.permissions) \(try Self.sum(of: file))"
        default: return "other"
        }
    }

    private static func sum(of file: borrowing Descriptor) throws -> String {
        var hasher = try Hasher(.sha256)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var position: UInt64 = 0
        while true {
            var span = buffer.mutableSpan
            let count = try file.read(into: &span, at: position)
            if count == 0 { break }
            try hasher.update(buffer.span.extracting(first: count))
            position += UInt64(count)
        }
        return hexadecimal(try hasher.finish())
    }

    // MARK: Copying

    private func copy(
        _ found: FoundFile,
        of source: CopySource,
        to target: String,
        isDirectory: Bool,
        unpacks: Bool,
        _ staging: inout TreeStaging
    ) throws {
        let prefix = found.text
        let ignore = source.ignore
        staging.isExcluded = { path in
            let text = String(decoding: path, as: UTF8.self)
            return ignore.excludes(prefix.isEmpty ? text : "\(prefix)/\(text)")
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
            let start = try file.read(at: 0, count: CompressionFormat.detectionLength)
            if CompressionFormat(detecting: start.span) != nil {
                return try unpack(file, to: target, &staging)
            }
        }
        let path = isDirectory ? Array("\(target)/".utf8) + name.bytes : Array(target.utf8)
        try staging.copy(name, in: parent, to: path)
    }

    /// Puts what is in an archive below a directory of the image.
    private func unpack(
        _ file: borrowing Descriptor,
        to target: String,
        _ staging: inout TreeStaging
    ) throws {
        let temporary = try workshop.makeTemporary()
        defer {
            do throws(Errno) {
                try workshop.directory.directory("staging").removeTree(temporary.name)
            } catch {}
        }
        let tree = try step("unpack an archive") { () throws(Errno) in
            try workshop.directory.directory(temporary.path)
        }
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
