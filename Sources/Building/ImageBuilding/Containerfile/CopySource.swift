internal import Containerfiles
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
    /// What else is left out, below what is found.
    var excludes = IgnoreFile()
}

/// A source that was found.
struct FoundFile {
    /// From the root of the source, links resolved.
    let path: [RawName]
    /// As it was asked for, from the root or from `/./` on: what `--parents` keeps.
    let named: [RawName]
    let status: FileStatus

    var text: String { Self.text(path) }

    static func text(_ path: [RawName]) -> String {
        path.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: "/")
    }
}

extension CopySource {
    /// Whether something of what was found is left out; `path` is below it, or its own name if it is no directory.
    func excludes(_ path: String, of found: FoundFile) -> Bool {
        if excludes.excludes(path) { return true }
        guard found.status.kind == .directory else { return ignore.excludes(found.text) }
        let prefix = found.text
        return ignore.excludes(prefix.isEmpty ? path : "\(prefix)/\(path)")
    }

    /// What a path or pattern names; nothing is an error, and so is a path that leads out of the source.
    func find(_ pattern: String) throws -> [FoundFile] {
        var (parts, pivot): ([String], Int) = ([], 0)
        for part in pattern.split(separator: "/") {
            if part == "." {
                pivot = parts.count
            } else if part == ".." {
                guard parts.popLast() != nil else {
                    throw BuildError.invalid("\"\(pattern)\" leads out of the context")
                }
            } else {
                parts.append(String(part))
            }
        }
        var found: [FoundFile] = []
        if parts.contains(where: { $0.contains { "*?[\\".contains($0) } }) {
            try match(parts[...], root, [], pivot, &found)
        } else {
            let path = parts.joined(separator: "/")
            if path.isEmpty || !ignore.excludes(path) {
                let names = parts.compactMap { RawName($0.utf8) }
                try add(names, pivot, &found)
            }
        }
        found.removeAll { file in
            file.status.kind != .directory && excludes(file.named.last?.text ?? "", of: file)
        }
        guard !found.isEmpty else {
            throw BuildError.invalid("\"\(pattern)\": no such file or directory")
        }
        return found
    }

    private func add(_ named: [RawName], _ pivot: Int, _ found: inout [FoundFile]) throws {
        let path = named.map(\.bytes).joined(separator: [0x2F])
        let resolved = try root.resolve(Array(path))
        guard let status = resolved.status else { return }
        let kept = Array(named.dropFirst(pivot))
        found.append(FoundFile(path: resolved.components, named: kept, status: status))
    }

    private func match(
        _ parts: ArraySlice<String>,
        _ directory: MergedDirectory,
        _ path: [RawName],
        _ pivot: Int,
        _ found: inout [FoundFile]
    ) throws {
        guard let first = parts.first else { return }
        if first == "**" { try match(parts.dropFirst(), directory, path, pivot, &found) }
        for name in try directory.names() {
            guard first == "**" || PathPattern.matches(name.text, first),
                let entry = try directory.entry(name)
            else { continue }
            let place = path + [name]
            if ignore.excludes(FoundFile.text(place)) { continue }
            if parts.count == 1 {
                try add(place, pivot, &found)
            } else if entry.status.kind == .directory {
                let below = try directory.directory(name, entry)
                let rest = first == "**" ? parts : parts.dropFirst()
                try match(rest, below, place, pivot, &found)
            }
        }
    }
}

extension RawName {
    /// The name for messages and patterns.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
