package import AppContainer
internal import Linux
package import OpenPGP

/// The keys that images may be signed by: files in the configuration directories.
///
///     DIRECTORY/trustedkeys/root.d/FINGERPRINT                       for every image
///     DIRECTORY/trustedkeys/prefix.d/example.com/app/FINGERPRINT     for example.com/app and example.com/app/…
///
/// The local directory counts more than the system's: a file of the same name there takes its place, and an empty one
/// takes the key away.
package struct Keystore: Sendable, Equatable {
    /// The vendor's configuration directory.
    package let systemConfiguration: String
    /// This machine's own.
    package let localConfiguration: String

    private var system: String { systemConfiguration + "/trustedkeys" }
    private var local: String { localConfiguration + "/trustedkeys" }

    /// The keystore of two configuration directories.
    package init(systemConfiguration: String, localConfiguration: String) {
        self.systemConfiguration = systemConfiguration
        self.localConfiguration = localConfiguration
    }

    /// Every key, this machine's own first.
    ///
    /// A keystore that can't be read is an error, as it might take keys away.
    package func keys() throws(TrustError) -> [TrustedKey] {
        let own = try files(in: local)
        let places = Set(own.map(\.place))
        let vendors = try files(in: system).filter { !places.contains($0.place) }
        return own.filter { !$0.bytes.isEmpty }.map { $0.key(isVendors: false) }
            + vendors.filter { !$0.bytes.isEmpty }.map { $0.key(isVendors: true) }
    }

    /// Whether some key may vouch for an image of this name.
    package func hasKey(for name: ACIdentifier) throws(TrustError) -> Bool {
        try keys().contains { $0.scope.covers(name) }
    }

    /// Where a key of a scope lies.
    func path(of key: Fingerprint, _ scope: KeyScope) -> String {
        "\(local)/\(scope.directory)/\(key)"
    }

    /// Puts a key into this machine's own directory.
    ///
    /// - Returns: the path of the new file.
    package func add(_ key: PublicKey, for scope: KeyScope) throws(TrustError) -> String {
        try write(Array(key.armored.utf8), as: key.fingerprint, for: scope)
        return path(of: key.fingerprint, scope)
    }

    /// Takes a key away: an own file is removed, a vendor's is masked by an empty one.
    ///
    /// - Parameter scope: which one; nil is every scope that the key has.
    /// - Returns: the scopes it was taken from.
    package func remove(
        _ key: Fingerprint,
        from scope: KeyScope? = nil
    ) throws(TrustError) -> [KeyScope] {
        let entries = try keys().filter {
            $0.fingerprint == key && (scope == nil || $0.scope == scope)
        }
        guard !entries.isEmpty else { throw .noSuchKey(key, scope) }
        let vendors = try Set(files(in: system).filter { !$0.bytes.isEmpty }.map(\.place))
        for entry in entries {
            if vendors.contains(StoredKey.Place(key: key, scope: entry.scope)) {
                try write([], as: key, for: entry.scope)
            } else {
                try removeOwn(entry)
            }
        }
        return entries.map(\.scope)
    }

    private func write(
        _ bytes: [UInt8],
        as key: Fingerprint,
        for scope: KeyScope
    ) throws(TrustError) {
        let path = path(of: key, scope)
        do throws(Errno) {
            let directory = try Directory.making(path: "\(local)/\(scope.directory)", mode: 0o755)
            try directory.replaceFile(key.digits, bytes, mode: 0o644, durable: true)
        } catch { throw .keystore(path: path, reason: error.description) }
    }

    private func removeOwn(_ key: TrustedKey) throws(TrustError) {
        do throws(Errno) {
            let directory = try Directory(path: "\(local)/\(key.scope.directory)")
            try directory.remove(key.fingerprint.digits)
            try directory.descriptor.sync()
        } catch { throw .keystore(path: key.path, reason: error.description) }
    }
}

extension KeyScope {
    /// Its directory below `trustedkeys`.
    var directory: String {
        switch self {
        case .root: "root.d"
        case .prefix(let prefix): "prefix.d/\(prefix)"
        }
    }
}

// MARK: - Reading

/// A file that a keystore's directory holds.
private struct StoredKey {
    /// What two keystores share: which key, and for what.
    struct Place: Hashable {
        let key: Fingerprint
        let scope: KeyScope
    }

    let place: Place
    let path: String
    let bytes: [UInt8]

    func key(isVendors: Bool) -> TrustedKey {
        TrustedKey(
            fingerprint: place.key,
            scope: place.scope,
            path: path,
            isVendors: isVendors,
            content: Result { () throws(OpenPGPError) in try PublicKeys(parsing: bytes) }
        )
    }
}

extension Keystore {
    private static let depthLimit = 32
    private static let countLimit = 10_000

    private func files(in keystore: String) throws(TrustError) -> [StoredKey] {
        var files: [StoredKey] = []
        try collect("\(keystore)/root.d", [], depth: Self.depthLimit, into: &files)
        try collect("\(keystore)/prefix.d", [], depth: 0, into: &files)
        return files
    }

    /// The keys of a directory, and for prefixes of those below it.
    private func collect(
        _ path: String,
        _ prefix: [String],
        depth: Int,
        into files: inout [StoredKey]
    ) throws(TrustError) {
        let isRoot = depth == Self.depthLimit
        for name in try names(in: path) {
            let child = "\(path)/\(name)"
            if let key = Fingerprint(fileName: name), let bytes = try contents(of: child) {
                guard files.count < Self.countLimit else {
                    throw .keystore(path: path, reason: "it has too many keys")
                }
                let text = prefix.joined(separator: "/")
                guard let scope = isRoot ? .root : (try? ImagePrefix(text)).map(KeyScope.prefix)
                else { continue }
                let place = StoredKey.Place(key: key, scope: scope)
                files.append(StoredKey(place: place, path: child, bytes: bytes))
            } else if !isRoot, depth + 1 < Self.depthLimit {
                try collect(child, prefix + [name], depth: depth + 1, into: &files)
            }
        }
    }

    /// The names in a directory, sorted; none if it isn't there or is none.
    private func names(in path: String) throws(TrustError) -> [String] {
        do throws(Errno) {
            return try Directory(path: path).entries().map(\.name).sorted()
        } catch {
            if error == .noSuchFile || error == .notDirectory { return [] }
            throw .keystore(path: path, reason: error.description)
        }
    }

    /// The contents of a key file; nil if it is a directory.
    private func contents(of path: String) throws(TrustError) -> [UInt8]? {
        do throws(Errno) {
            return try readHostFile(path, limit: PublicKeys.sizeLimit)
        } catch {
            if error == .isDirectory { return nil }
            throw .keystore(path: path, reason: error.description)
        }
    }
}
