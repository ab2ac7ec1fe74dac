internal import Configuration
internal import Distribution
internal import ImageStorage
internal import Linux
internal import Transfers

/// What the configuration says of the registries that a work talks to; read before the cage closes.
struct Registries {
    private var logins: [String: RegistryCredentials] = [:]
    private let places: [String: RegistryPlace]
    private let allowsPlainHTTP: Bool

    /// Reads rkt's own configuration, and where that has no login, Docker's.
    init(_ options: NetworkOptions, for image: NetworkRequest.RegistryImage) throws {
        allowsPlainHTTP = options.allowsPlainHTTP
        let configuration = try Configuration(
            directories: options.configuration,
            kinds: [.auth, .registries]
        )
        places = configuration.places
        let docker = try DockerConfiguration.ofUser()
        let mirrors = places[image.registry]?.mirrors ?? []
        for registry in [image.registry] + mirrors {
            logins[registry] =
                try configuration.login(for: registry)
                ?? docker.map { try $0.login(for: registry) } ?? nil
        }
    }

    /// Hosts that are asked by plain http, because the configuration says so.
    var plainHosts: Set<String> { Set(places.filter(\.value.isPlain).keys) }

    /// Begins a conversation with one that may have an image; nobody is asked anything before.
    typealias Source = () throws(DistributionError) -> RegistrySession

    /// Those that may have an image, in the order they are asked.
    func sources(of image: NetworkRequest.RegistryImage, _ client: HTTPClient) -> [Source] {
        let mirrors = (places[image.registry]?.mirrors ?? []).map { ($0, $0) }
        return (mirrors + [(image.registry, image.host)]).map { registry, host in
            { () throws(DistributionError) in
                try session(registry, host: host, image.repository, client)
            }
        }
    }

    /// A conversation with the registry that gets an image.
    ///
    /// - Parameter others: images whose blobs may be there already, in other repositories.
    func target(
        of image: NetworkRequest.RegistryImage,
        _ client: HTTPClient,
        others: [NetworkRequest.RegistryImage]
    ) throws(DistributionError) -> RegistrySession {
        let near = others.filter {
            $0.registry == image.registry && $0.repository != image.repository
        }
        return try session(
            image.registry,
            host: image.host,
            image.repository,
            client,
            for: .push,
            sources: near.map(\.repository)
        )
    }

    private func session(
        _ registry: String,
        host: String,
        _ repository: String,
        _ client: HTTPClient,
        for purpose: RegistrySession.Purpose = .pull,
        sources: [String] = []
    ) throws(DistributionError) -> RegistrySession {
        let isPlain = places[registry]?.isPlain ?? false
        var endpoint = try RegistryEndpoint(host: host, repository: repository, isPlain: isPlain)
        if allowsPlainHTTP { endpoint = endpoint.plainIfNotSecure(client) }
        return RegistrySession(
            endpoint,
            client,
            for: purpose,
            credentials: logins[registry],
            sources: sources
        )
    }
}

extension Configuration {
    /// The login for a registry, by any of the names that Docker's own has.
    fileprivate func login(for registry: String) -> RegistryCredentials? {
        let names =
            registry == "docker.io"
            ? ["docker.io", "index.docker.io", "registry-1.docker.io"] : [registry.lowercased()]
        guard let login = names.lazy.compactMap({ registries[$0] }).first else { return nil }
        var credentials = RegistryCredentials.password(
            user: login.user,
            login.password.value
        )
        credentials.realms = Set(login.realms)
        return credentials
    }
}
