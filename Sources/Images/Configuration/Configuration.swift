/// What the files in the configuration directories say, all layers joined.
package struct Configuration: Sendable, Equatable {
    /// Credentials by host, with its port if it has one.
    package internal(set) var hosts: [String: HostCredentials] = [:]
    /// Credentials by registry, with its port if it has one.
    package internal(set) var registries: [String: RegistryLogin] = [:]
    /// Where things lie.
    package internal(set) var paths = Paths()
    /// Which stage1 image is used.
    package internal(set) var stage1 = Stage1Choice()
    /// Where names of images lead to instead of to their own hosts.
    package internal(set) var origins: [Origin] = []

    /// How registries are reached, by their names.
    package internal(set) var places: [String: RegistryPlace] = [:]
    /// What images must bring along, by the beginnings of their names.
    package internal(set) var policies: [PolicyRule] = []
    /// How patient we are on the network.
    package internal(set) var transfers = Transfers()

    /// What is said if no file says anything.
    package init() {}

    /// The origin for a name: the one of the longest prefix, in whole segments.
    package func origin(of name: String) -> Origin? {
        origins.filter { $0.covers(name) }.max { $0.prefix.utf8.count < $1.prefix.utf8.count }
    }

    /// The directories of the kinds.
    package enum Kind: String, CaseIterable, Sendable {
        case auth
        case paths
        case stage1
        case origins
        case registries
        case policy
        case transfers

        var directory: String { rawValue + ".d" }
        /// What `rktKind` says in files of the directory.
        var rktKinds: Set<String> {
            switch self {
            case .auth: ["auth", "dockerAuth"]
            case .paths: ["paths"]
            case .stage1: ["stage1"]
            case .origins: ["origin"]
            case .registries: ["registry"]
            case .policy: ["policy"]
            case .transfers: ["transfers"]
            }
        }
    }

    /// Where things lie (kind `paths`).
    package struct Paths: Sendable, Hashable {
        /// The data directory.
        package internal(set) var data: String?
        /// Where `--stage1-from-dir` looks.
        package internal(set) var stage1Images: String?
    }

    /// How patient we are on the network (kind `transfers`).
    package struct Transfers: Sendable, Hashable {
        /// How often a request is made until it succeeds.
        package internal(set) var attempts: Int64?
        /// Before the second attempt; doubled for each that follows.
        package internal(set) var firstPauseMilliseconds: Int64?
        /// How long a server may send nearly nothing.
        package internal(set) var silenceSeconds: Int64?
    }

    /// Which stage1 image is used (kind `stage1`).
    package struct Stage1Choice: Sendable, Hashable {
        /// Its name and version, both or none.
        package internal(set) var name: String?
        package internal(set) var version: String?
        /// Where it is taken from: an absolute path, or a URL.
        package internal(set) var location: String?
    }
}

/// Where the names of a prefix lead to (kind `origin`).
package struct Origin: Sendable, Hashable {
    /// What is at the other place.
    package enum Place: Sendable, Hashable {
        /// A URL with `{name}`, `{version}`, `{os}`, `{arch}`, `{ext}`.
        case template(String)
        /// A registry, with the part of the path that stands for the prefix.
        case registry(String)
    }

    /// The beginning of names, in whole segments.
    package let prefix: String
    package let place: Place

    /// Whether a name belongs to it.
    package func covers(_ name: String) -> Bool { name == prefix || name.hasPrefix(prefix + "/") }
}

/// How a registry is reached (kind `registry`).
package struct RegistryPlace: Sendable, Hashable {
    /// Hosts that are asked for an image before the registry itself.
    package let mirrors: [String]
    /// Whether it is asked by plain http.
    package let isPlain: Bool
}
