internal import AppContainer
internal import JSON
internal import References

/// The files of one configuration directory; nothing may be said twice in it.
struct ConfigurationLayer {
    private(set) var hosts: [String: HostCredentials] = [:]
    private(set) var registries: [String: RegistryLogin] = [:]
    private(set) var paths = Configuration.Paths()
    private(set) var stage1 = Configuration.Stage1Choice()
    private(set) var origins: [Origin] = []
    private(set) var places: [String: RegistryPlace] = [:]
    private(set) var policies: [PolicyRule] = []
    private(set) var transfers = Configuration.Transfers()
    /// What was said twice.
    private(set) var repeated: String?

    /// Takes what a file says.
    mutating func take(_ file: JSONCursor, of kind: Configuration.Kind) throws(JSONError) {
        let rktKind = try file.required("rktKind")
        guard kind.rktKinds.contains(try rktKind.string()) else {
            throw rktKind.invalid("not a kind of \(kind.directory)")
        }
        let version = try file.required("rktVersion")
        guard try version.string() == "v1" else { throw version.invalid("not \"v1\"") }
        switch try rktKind.string() {
        case "auth": try takeHosts(file)
        case "dockerAuth": try takeRegistries(file)
        case "paths": try takePaths(file)
        case "stage1": try takeStage1(file)
        case "registry": try takePlaces(file)
        case "policy": try takePolicy(file)
        case "transfers": try takeTransfers(file)
        default: try takeOrigin(file)
        }
    }

    private mutating func takeHosts(_ file: JSONCursor) throws(JSONError) {
        let credentials = try HostCredentials(file)
        for host in try Self.hosts(file.required("domains"))
        where hosts.updateValue(credentials, forKey: host) != nil {
            repeated = "\"\(host)\""
        }
    }

    private mutating func takeRegistries(_ file: JSONCursor) throws(JSONError) {
        let credentials = try file.required("credentials")
        let login = RegistryLogin(
            user: try credentials.required("user").text(),
            password: Secret(try credentials.required("password").text()),
            realms: try file.optional("realms").map { realms throws(JSONError) in
                try Self.hosts(realms)
            } ?? []
        )
        for registry in try Self.hosts(file.required("registries"))
        where registries.updateValue(login, forKey: registry) != nil {
            repeated = "\"\(registry)\""
        }
    }

    private mutating func takePlaces(_ file: JSONCursor) throws(JSONError) {
        let place = RegistryPlace(
            mirrors: try file.optional("mirrors").map { mirrors throws(JSONError) in
                try Self.hosts(mirrors)
            } ?? [],
            isPlain: try file.optional("plainHTTP")?.bool() ?? false
        )
        for registry in try Self.hosts(file.required("registries"))
        where places.updateValue(place, forKey: registry) != nil {
            repeated = "\"\(registry)\""
        }
    }

    private mutating func takePaths(_ file: JSONCursor) throws(JSONError) {
        if let data = try file.optional("data") {
            if paths.data != nil { repeated = "\"data\"" }
            paths.data = try data.absolutePath()
        }
        if let images = try file.optional("stage1-images") {
            if paths.stage1Images != nil { repeated = "\"stage1-images\"" }
            paths.stage1Images = try images.absolutePath()
        }
    }

    private mutating func takeTransfers(_ file: JSONCursor) throws(JSONError) {
        try take(file, "attempts", in: 1...100, to: \.attempts)
        try take(file, "firstPauseMilliseconds", in: 0...60_000, to: \.firstPauseMilliseconds)
        try take(file, "silenceSeconds", in: 1...3600, to: \.silenceSeconds)
    }

    private mutating func take(
        _ file: JSONCursor,
        _ name: String,
        in range: ClosedRange<Int64>,
        to place: WritableKeyPath<Configuration.Transfers, Int64?>
    ) throws(JSONError) {
        guard let member = try file.optional(name) else { return }
        if transfers[keyPath: place] != nil { repeated = "\"\(name)\"" }
        transfers[keyPath: place] = try member.integer(in: range)
    }

    private mutating func takeStage1(_ file: JSONCursor) throws(JSONError) {
        if let name = try file.optional("name") {
            if stage1.name != nil { repeated = "\"name\"" }
            guard (try? ACIdentifier(try name.string())) != nil else {
                throw name.invalid("not a name of an image")
            }
            stage1.name = try name.string()
            stage1.version = try file.required("version").text()
        } else if let version = try file.optional("version") {
            throw version.invalid("without \"name\"")
        }
        if let location = try file.optional("location") {
            if stage1.location != nil { repeated = "\"location\"" }
            let text = try location.text()
            let schemes = ["/", "file://", "docker://", "http://", "https://"]
            guard schemes.contains(where: text.hasPrefix) else {
                throw location.invalid("neither an absolute path nor a URL")
            }
            stage1.location = text
        }
    }

    private mutating func takeOrigin(_ file: JSONCursor) throws(JSONError) {
        let prefix = try file.required("prefix")
        let text = try prefix.string()
        guard Self.isPrefix(text) else {
            throw prefix.invalid("not a prefix of names")
        }
        if origins.contains(where: { $0.prefix == text }) { repeated = "prefix \"\(text)\"" }
        origins.append(Origin(prefix: text, place: try Self.place(file)))
    }

    /// Names begin with it: one may have a port, which is another place than the host alone.
    private static func isPrefix(_ text: String) -> Bool {
        if let hosted = try? HostedName(text) { return hosted.typedName == text }
        return (try? ACIdentifier(text)) != nil
    }

    private mutating func takePolicy(_ file: JSONCursor) throws(JSONError) {
        let prefix = try file.required("prefix")
        var text = try prefix.string()
        if !text.isEmpty {
            // As the names of images have it: a port's colon is none there.
            guard let name = try? ACIdentifier(sanitizing: text) else {
                throw prefix.invalid("not a prefix of names")
            }
            text = name.text
        }
        if policies.contains(where: { $0.prefix == text }) { repeated = "prefix \"\(text)\"" }
        let requirement = try file.required("requirement")
        switch try requirement.string() {
        case "reject": policies.append(PolicyRule(prefix: text, .reject))
        case "insecureAcceptAnything":
            policies.append(PolicyRule(prefix: text, .insecureAcceptAnything))
        case "signedBy":
            let keys = try file.optional("keys").map { keys throws(JSONError) in
                try keys.elements().map { key throws(JSONError) in try key.absolutePath() }
            }
            let signers = PolicyRule.RegistrySigners(
                keys: keys ?? [],
                signedAs: try file.optional("signedAs").map { name throws(JSONError) in
                    try name.text()
                }
            )
            policies.append(PolicyRule(prefix: text, .signedBy(signers)))
        default:
            throw requirement.invalid(
                "neither \"signedBy\" nor \"insecureAcceptAnything\" nor \"reject\""
            )
        }
    }

    private static func place(_ file: JSONCursor) throws(JSONError) -> Origin.Place {
        if let template = try file.optional("template") {
            guard try file.optional("registry") == nil else {
                throw template.invalid("\"registry\" says another place")
            }
            let text = try template.text()
            guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
                throw template.invalid("neither https:// nor http://")
            }
            return .template(text)
        }
        return .registry(try file.required("registry").text())
    }

    /// Hosts with ports, in lower case; one at least.
    private static func hosts(_ list: JSONCursor) throws(JSONError) -> [String] {
        let hosts = try list.strings()
        for host in hosts {
            let isHost = host.utf8.allSatisfy { byte in
                0x21...0x7E ~= byte && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "@")
            }
            guard isHost, !host.isEmpty else { throw list.invalid("\"\(host)\" is not a host") }
        }
        guard !hosts.isEmpty else { throw list.invalid("empty") }
        return hosts.map { $0.lowercased() }
    }
}

extension HostCredentials {
    /// Reads `type` and `credentials`.
    fileprivate init(_ file: JSONCursor) throws(JSONError) {
        let type = try file.required("type")
        let credentials = try file.required("credentials")
        switch try type.string() {
        case "basic":
            self = .basic(
                user: try credentials.required("user").text(),
                password: Secret(try credentials.required("password").text())
            )
        case "oauth": self = .oauth(token: Secret(try credentials.required("token").text()))
        case "aws":
            self = .aws(
                keyID: try credentials.required("accessKeyID").text(),
                key: Secret(try credentials.required("secretAccessKey").text()),
                region: try credentials.optional("awsRegion").map { region throws(JSONError) in
                    try region.text()
                }
            )
        default: throw type.invalid("neither \"basic\" nor \"oauth\" nor \"aws\"")
        }
    }
}

extension JSONCursor {
    /// A text that isn't empty and fits into a header.
    fileprivate func text() throws(JSONError) -> String {
        let text = try string()
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw invalid("empty or with control characters")
        }
        return text
    }

    fileprivate func absolutePath() throws(JSONError) -> String {
        let path = try text()
        guard path.hasPrefix("/") else { throw invalid("not an absolute path") }
        return path
    }
}
