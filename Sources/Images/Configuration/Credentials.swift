/// How rkt proves to a web server that it may have an image or a signature (kind `auth`).
package enum HostCredentials: Sendable, Hashable {
    /// A user and a password.
    case basic(user: String, password: Secret)
    /// A token that is sent as it is.
    case oauth(token: Secret)
    /// A key of Amazon's object store, which signs requests (signature version 4).
    case aws(keyID: String, key: Secret, region: String?)
}

/// How rkt proves to a registry that it may pull or push (kind `dockerAuth`).
package struct RegistryLogin: Sendable, Hashable {
    package let user: String
    package let password: Secret
    /// Hosts of token servers outside the registry's own domain that may see the password.
    package let realms: [String]

    /// A login.
    package init(user: String, password: Secret, realms: [String] = []) {
        self.user = user
        self.password = password
        self.realms = realms
    }
}
