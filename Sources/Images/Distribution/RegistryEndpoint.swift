package import Transfers

/// Where a registry is asked, and for which of its repositories.
package struct RegistryEndpoint: Sendable, Hashable {
    /// The root of the registry's interface, `https://HOST/`.
    package let url: WebURL
    /// The repository there.
    package let repository: String

    /// A repository of a host; by plain http only where the configuration names the host for that.
    package init(
        host: String,
        repository: String,
        isPlain: Bool = false
    ) throws(DistributionError) {
        self.repository = repository
        url = try transferring { () throws(TransferError) in
            try WebURL("\(isPlain ? "http" : "https")://\(host)/")
        }
    }

    /// This one if it answers by https, else the same by plain http, for who allows both.
    package func plainIfNotSecure(_ client: HTTPClient) -> RegistryEndpoint {
        guard url.isSecure,
            let plain = try? RegistryEndpoint(
                host: url.authority,
                repository: repository,
                isPlain: true
            ),
            let root = try? url.resolving("/v2/")
        else { return self }
        var policy = client.policy
        policy.attempts = 1
        do throws(TransferError) {
            _ = try HTTPClient(policy).answer(to: HTTPRequest(.get, root))
        } catch {
            switch error {
            case .connection, .certificate, .broken, .content: return plain
            default: break
            }
        }
        return self
    }

    /// The address of something in the repository.
    func url(_ path: String) throws(DistributionError) -> WebURL {
        try transferring { () throws(TransferError) in
            try url.resolving("/v2/\(repository)/\(path)")
        }
    }

    /// The repository for messages.
    var name: String { "\(url.authority)/\(repository)" }
}
