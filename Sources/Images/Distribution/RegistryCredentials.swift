internal import Transfers

/// What somebody may say of themselves to one registry; it never shows itself.
package struct RegistryCredentials: Sendable, Hashable, CustomStringConvertible {
    enum Proof: Sendable, Hashable {
        case password(user: String, String)
        /// A token that is good for getting other tokens, as `docker login` may keep it.
        case identityToken(String)
        /// A token for the registry itself.
        case registryToken(String)
    }

    let proof: Proof
    /// Hosts, with their ports if not 443, that may see the credentials besides the registry's own domain.
    package var realms: Set<String> = []

    /// A user and a password.
    package static func password(user: String, _ password: String) -> RegistryCredentials {
        RegistryCredentials(proof: .password(user: user, password))
    }

    /// A token that is good for getting others.
    package static func identityToken(_ token: String) -> RegistryCredentials {
        RegistryCredentials(proof: .identityToken(token))
    }

    /// A token that the registry itself takes.
    package static func registryToken(_ token: String) -> RegistryCredentials {
        RegistryCredentials(proof: .registryToken(token))
    }

    package var description: String { "(secret)" }
}

/// Whether a registry's token server may be shown the credentials for the registry.
///
/// The registry chooses the server's address, so a hostile or broken one could have passwords sent anywhere
/// (CVE-2026-65388): only the same host and port, or a host of the same domain by https, or one that the operator names.
struct RealmRule {
    let registry: WebURL
    let allowed: Set<String>

    func permits(_ realm: WebURL) -> Bool {
        if realm.origin == registry.origin || allowed.contains(realm.authority) { return true }
        guard realm.isSecure, let domain = Self.domain(of: registry.host) else { return false }
        return Self.domain(of: realm.host) == domain
    }

    /// The part of a host name that somebody registers; nil for addresses and for names without a dot.
    ///
    /// Under two letters of a country, `co.uk` and the like belong to everybody.
    static func domain(of host: String) -> String? {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, !labels.contains(""), let top = labels.last,
            top.contains(where: { !$0.isNumber }), !host.hasPrefix("[")
        else { return nil }
        let second = labels[labels.count - 2]
        let shared = top.utf8.count == 2 && second.utf8.count <= 3
        let count = shared ? 3 : 2
        guard labels.count >= count else { return nil }
        return labels.suffix(count).joined(separator: ".")
    }
}
