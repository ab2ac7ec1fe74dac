package import JSON

extension Configuration {
    /// Everything, in the format of the files and as `rkt config` prints it: `{"stage0": […]}`.
    ///
    /// - Parameter showsSecrets: whether passwords and tokens stand in it.
    package func json(showsSecrets: Bool) -> JSON {
        let show = { (secret: Secret) -> JSON in
            .string(showsSecrets ? secret.value : secret.description)
        }
        var list: [JSON] = hosts.sorted { $0.key < $1.key }.map { host, credentials in
            Self.entry(
                "auth",
                [.init("domains", .array([.string(host)]))] + credentials.members(show)
            )
        }
        list += registries.sorted { $0.key < $1.key }.map { registry, login in
            Self.entry(
                "dockerAuth",
                [.init("registries", .array([.string(registry)]))]
                    + login.members(show)
            )
        }
        list += places.sorted { $0.key < $1.key }.map { registry, place in
            Self.entry(
                "registry",
                [.init("registries", .array([.string(registry)]))] + place.members
            )
        }
        list += pathsAndStage1
        if !transfers.members.isEmpty { list.append(Self.entry("transfers", transfers.members)) }
        list += origins.sorted { $0.prefix < $1.prefix }.map { origin in
            Self.entry("origin", origin.members)
        }
        list += policies.sorted { $0.prefix < $1.prefix }.map { rule in
            Self.entry("policy", rule.members)
        }
        return .object([.init("stage0", .array(list))])
    }

    private var pathsAndStage1: [JSON] {
        [
            (
                "paths",
                [("data", paths.data), ("stage1-images", paths.stage1Images)]
            ),
            (
                "stage1",
                [
                    ("name", stage1.name), ("version", stage1.version),
                    ("location", stage1.location),
                ]
            ),
        ].compactMap { kind, values in
            let members = values.compactMap { name, value in
                value.map { JSON.Member(name, .string($0)) }
            }
            return members.isEmpty ? nil : Self.entry(kind, members)
        }
    }

    private static func entry(_ kind: String, _ members: [JSON.Member]) -> JSON {
        .object(
            [.init("rktVersion", .string("v1")), .init("rktKind", .string(kind))] + members
        )
    }
}

extension Configuration.Transfers {
    fileprivate var members: [JSON.Member] {
        [
            ("attempts", attempts), ("firstPauseMilliseconds", firstPauseMilliseconds),
            ("silenceSeconds", silenceSeconds),
        ].compactMap { name, value in value.map { JSON.Member(name, .integer($0)) } }
    }
}

extension HostCredentials {
    fileprivate func members(_ show: (Secret) -> JSON) -> [JSON.Member] {
        let (type, credentials): (String, [JSON.Member]) =
            switch self {
            case .basic(let user, let password):
                ("basic", [.init("user", .string(user)), .init("password", show(password))])
            case .oauth(let token): ("oauth", [.init("token", show(token))])
            case .aws(let keyID, let key, let region):
                (
                    "aws",
                    [
                        .init("accessKeyID", .string(keyID)),
                        .init("secretAccessKey", show(key)),
                    ] + (region.map { [.init("awsRegion", .string($0))] } ?? [])
                )
            }
        return [.init("type", .string(type)), .init("credentials", .object(credentials))]
    }
}

extension RegistryLogin {
    fileprivate func members(_ show: (Secret) -> JSON) -> [JSON.Member] {
        let credentials: [JSON.Member] = [
            .init("user", .string(user)), .init("password", show(password)),
        ]
        let realms = realms.map { JSON.string($0) }
        return [.init("credentials", .object(credentials))]
            + (realms.isEmpty ? [] : [.init("realms", .array(realms))])
    }
}

extension Origin {
    fileprivate var members: [JSON.Member] {
        let place: JSON.Member =
            switch self.place {
            case .template(let text): .init("template", .string(text))
            case .registry(let text): .init("registry", .string(text))
            }
        return [.init("prefix", .string(prefix)), place]
    }
}

extension RegistryPlace {
    fileprivate var members: [JSON.Member] {
        let mirrors = mirrors.map { JSON.string($0) }
        return (mirrors.isEmpty ? [] : [.init("mirrors", .array(mirrors))])
            + [.init("plainHTTP", .bool(isPlain))]
    }
}

extension PolicyRule {
    fileprivate var members: [JSON.Member] {
        let (name, others): (String, [JSON.Member]) =
            switch requirement {
            case .reject: ("reject", [])
            case .insecureAcceptAnything: ("insecureAcceptAnything", [])
            case .signedBy(let signers):
                (
                    "signedBy",
                    [.init("keys", .array(signers.keys.map { .string($0) }))]
                        + (signers.signedAs.map { [.init("signedAs", .string($0))] } ?? [])
                )
            }
        return [.init("prefix", .string(prefix)), .init("requirement", .string(name))] + others
    }
}
