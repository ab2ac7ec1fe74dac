internal import JSON
internal import Linux

extension Configuration {
    /// The largest file.
    private static let sizeLimit = 1 << 20

    /// Reads configuration directories; a later one counts more, and absent ones are fine.
    ///
    /// - Parameter kinds: what is wanted; nothing else is looked at.
    package init(
        directories: [String],
        kinds: [Kind] = Kind.allCases
    ) throws(ConfigurationError) {
        self.init()
        for directory in directories {
            var layer = ConfigurationLayer()
            for kind in kinds {
                try Self.read(kind, in: "\(directory)/\(kind.directory)", into: &layer)
            }
            merge(layer)
        }
    }

    /// Reads the files of one directory, which must be regular files; others are passed over.
    private static func read(
        _ kind: Kind,
        in path: String,
        into layer: inout ConfigurationLayer
    ) throws(ConfigurationError) {
        guard let directory = try open(path) else { return }
        let entries = try reading(path) { () throws(Errno) in try directory.entries() }
        for name in entries.map(\.name).sorted() where name.hasSuffix(".json") {
            let file = "\(path)/\(name)"
            let status = try reading(file) { () throws(Errno) in try directory.status(of: name) }
            guard status.kind == .regular else { continue }
            let bytes = try reading(file) { () throws(Errno) in
                try directory.readFile(name, limit: sizeLimit)
            }
            do throws(JSONError) {
                try layer.take(JSONCursor(JSON.parse(bytes)), of: kind)
            } catch { throw .file(path: file, error) }
            if let what = layer.repeated { throw .twice(path: path, what: what) }
        }
    }

    /// A directory of the host; nil if it isn't there, or is none of an ordinary user's business.
    private static func open(_ path: String) throws(ConfigurationError) -> Directory? {
        do throws(Errno) {
            return try Directory(path: path)
        } catch {
            let isForbidden = error == .accessDenied && CurrentProcess.effectiveUser != 0
            if error == .noSuchFile || isForbidden { return nil }
            throw .read(path: path, error)
        }
    }

    private static func reading<Result>(
        _ path: String,
        _ body: () throws(Errno) -> Result
    ) throws(ConfigurationError) -> Result {
        do throws(Errno) { return try body() } catch { throw .read(path: path, error) }
    }

    private mutating func merge(_ layer: ConfigurationLayer) {
        hosts.merge(layer.hosts) { $1 }
        registries.merge(layer.registries) { $1 }
        places.merge(layer.places) { $1 }
        paths.data = layer.paths.data ?? paths.data
        paths.stage1Images = layer.paths.stage1Images ?? paths.stage1Images
        if layer.stage1.name != nil {
            stage1.name = layer.stage1.name
            stage1.version = layer.stage1.version
        }
        stage1.location = layer.stage1.location ?? stage1.location
        transfers.attempts = layer.transfers.attempts ?? transfers.attempts
        transfers.firstPauseMilliseconds =
            layer.transfers.firstPauseMilliseconds ?? transfers.firstPauseMilliseconds
        transfers.silenceSeconds = layer.transfers.silenceSeconds ?? transfers.silenceSeconds
        origins.removeAll { old in layer.origins.contains { $0.prefix == old.prefix } }
        origins += layer.origins
        policies.removeAll { old in layer.policies.contains { $0.prefix == old.prefix } }
        policies += layer.policies
    }
}
