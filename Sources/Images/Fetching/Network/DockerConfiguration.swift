internal import Base64
internal import Distribution
internal import JSON
internal import Linux

/// What `docker login` and its like have left: `~/.docker/config.json`, and the helpers that keep passwords elsewhere.
struct DockerConfiguration {
    private static let sizeLimit = 4 << 20
    private let json: JSON

    /// The file of the user; nil if there is none.
    static func ofUser() throws(DistributionError) -> DockerConfiguration? {
        let directory = Environment["DOCKER_CONFIG"] ?? Environment["HOME"].map { "\($0)/.docker" }
        guard let path = directory.map({ "\($0)/config.json" }), path.hasPrefix("/") else {
            return nil
        }
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try readHostFile(path, limit: sizeLimit)
        } catch {
            if error == .noSuchFile || error == .accessDenied || error == .notDirectory {
                return nil
            }
            throw .answer("cannot read \"\(path)\": \(error)")
        }
        do throws(JSONError) {
            return DockerConfiguration(json: try JSON.parse(bytes))
        } catch { throw .answer("bad configuration \"\(path)\": \(error)") }
    }

    /// For tests.
    init(json: JSON) { self.json = json }

    /// The login for a registry: a helper's for it, else the file's own, else the helper's for all.
    func login(for registry: String) throws(DistributionError) -> RegistryCredentials? {
        let names = Self.names(of: registry)
        for name in names {
            if let helper = json["credHelpers"]?[name]?.string {
                return try CredentialHelper(helper).login(for: name)
            }
        }
        for name in names {
            if let login = json["auths"]?[name].flatMap(Self.login) { return login }
        }
        guard let store = json["credsStore"]?.string, !store.isEmpty else { return nil }
        for name in names {
            if let login = try CredentialHelper(store).login(for: name) { return login }
        }
        return nil
    }

    /// The keys that a registry may stand under.
    private static func names(of registry: String) -> [String] {
        registry == "docker.io"
            ? [
                "https://index.docker.io/v1/", "index.docker.io", "docker.io",
                "registry-1.docker.io",
            ]
            : [registry, "https://\(registry)", "https://\(registry)/", "https://\(registry)/v2/"]
    }

    private static func login(_ entry: JSON) -> RegistryCredentials? {
        if let token = entry["identitytoken"]?.string, !token.isEmpty {
            return .identityToken(token)
        }
        if let token = entry["registrytoken"]?.string, !token.isEmpty {
            return .registryToken(token)
        }
        guard let text = entry["auth"]?.string, let bytes = Base64.decode(text.utf8),
            let pair = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self),
            let colon = pair.firstIndex(of: ":")
        else { return nil }
        return .password(
            user: String(pair[..<colon]),
            String(pair[pair.index(after: colon)...])
        )
    }
}
