internal import JSON
internal import Synchronization
package import Transfers

/// A conversation with one repository: makes requests, and proves its right when it is asked to.
package final class RegistrySession: Sendable {
    /// What is wanted there.
    package enum Purpose: String, Sendable {
        case pull
        case push = "pull,push"
    }

    let endpoint: RegistryEndpoint
    let client: HTTPClient
    private let purpose: Purpose
    private let credentials: RegistryCredentials?
    /// Repositories of the same registry that blobs may be taken from.
    let sources: [String]
    /// What the last challenge was answered with.
    private let proof = Mutex<Authorization?>(nil)
    /// Held while a proof is got, so that it is got once by however many requests need it.
    private let renewal = Mutex(())

    /// A conversation that hasn't begun.
    package init(
        _ endpoint: RegistryEndpoint,
        _ client: HTTPClient,
        for purpose: Purpose = .pull,
        credentials: RegistryCredentials? = nil,
        sources: [String] = []
    ) {
        self.endpoint = endpoint
        self.client = client
        self.purpose = purpose
        self.credentials = credentials
        self.sources = sources
    }

    /// Ends every request under way, and every later one.
    package func stop() { client.stop() }

    /// Whether ``stop()`` was called.
    package var isStopped: Bool { client.isStopped }

    /// Makes a request to the registry; what it is refused for lack of a proof is asked again with one.
    func perform(
        _ request: HTTPRequest,
        into sink: any ResponseSink
    ) throws(DistributionError) -> HTTPResponse {
        var request = request
        request.expectedStatuses.insert(401)
        // An address that the registry has sent us to may be somebody else's.
        let isOwn = request.url.origin == endpoint.url.origin
        let before = proof.withLock { $0 }
        request.authorization = isOwn ? before : nil
        let response = try attempt(request, into: sink)
        guard response.status == 401 else { return response }
        guard response.url.origin == endpoint.url.origin, isOwn else {
            throw .denied(what: response.url.description, reason: "it wants credentials of its own")
        }
        request.authorization = try renewed(
            before,
            for: Challenge.parse(response.headers.all("WWW-Authenticate"))
        )
        let second = try attempt(request, into: sink)
        guard second.status != 401 else { throw denial("") }
        return second
    }

    /// A proof in place of one that isn't good any more, as tokens end in the middle of a long download.
    private func renewed(
        _ old: Authorization?,
        for challenges: [Challenge]
    ) throws(DistributionError) -> Authorization {
        let result: Result<Authorization, DistributionError> = renewal.withLock { _ in
            if let current = proof.withLock({ $0 }), current != old { return .success(current) }
            return Result { () throws(DistributionError) in
                let fresh = try answer(challenges)
                proof.withLock { $0 = fresh }
                return fresh
            }
        }
        return try result.get()
    }

    /// Makes a request whose answer is kept in memory.
    func answer(
        to request: HTTPRequest,
        limit: Int = 1 << 20
    ) throws(DistributionError) -> HTTPAnswer {
        let sink = MemorySink(limit: limit)
        let response = try perform(request, into: sink)
        return HTTPAnswer(response: response, bytes: sink.bytes)
    }

    private func attempt(
        _ request: HTTPRequest,
        into sink: any ResponseSink
    ) throws(DistributionError) -> HTTPResponse {
        do throws(TransferError) {
            return try client.perform(request, into: sink)
        } catch {
            guard case .status(let status, let url, let reason) = error else {
                throw .transfer(error)
            }
            switch status {
            case 401, 403: throw denial(Self.words(of: reason))
            case 404: throw .missing(endpoint.name)
            default: throw .transfer(.status(status, url, reason: Self.words(of: reason)))
            }
        }
    }

    private func denial(_ reason: String) -> DistributionError {
        let hint =
            credentials == nil ? "no credentials for \(endpoint.url.authority) are configured" : ""
        return .denied(
            what: endpoint.name,
            reason: [reason, hint].filter { !$0.isEmpty }.joined(separator: "; ")
        )
    }

    /// What a registry says about an error: its own JSON, or the text as it is.
    private static func words(of text: String) -> String {
        guard let json = try? JSON.parse(Array(text.utf8)),
            let errors = json["errors"]?.array
        else { return text }
        return errors.prefix(3).compactMap { error in
            error["message"]?.string ?? error["code"]?.string
        }.joined(separator: "; ")
    }
}

// MARK: - Proofs

extension RegistrySession {
    private func answer(_ challenges: [Challenge]) throws(DistributionError) -> Authorization {
        if case .registryToken(let token) = credentials?.proof { return .bearer(token) }
        if let bearer = challenges.first(where: {
            $0.scheme == "bearer" && $0.parameters["realm"] != nil
        }) {
            return try token(for: bearer)
        }
        guard challenges.contains(where: { $0.scheme == "basic" }) else {
            throw .answer("\(endpoint.url.authority) asks for a proof in no way that is known")
        }
        guard case .password(let user, let password) = credentials?.proof else { throw denial("") }
        return .basic(user: user, password: password)
    }

    /// Gets a token from the server that a challenge names.
    private func token(for challenge: Challenge) throws(DistributionError) -> Authorization {
        let realm = try transferring { () throws(TransferError) in
            try WebURL(challenge.parameters["realm"] ?? "")
        }
        guard realm.isSecure || !endpoint.url.isSecure else {
            throw .transfer(
                .insecure(realm, reason: "a token server by plain http for a registry by https")
            )
        }
        let rule = RealmRule(registry: endpoint.url, allowed: credentials?.realms ?? [])
        guard credentials == nil || rule.permits(realm) else {
            throw .realm(registry: endpoint.url.authority, realm: realm.authority)
        }
        let answer: HTTPAnswer
        do throws(TransferError) {
            answer = try client.answer(to: try request(to: realm, challenge))
        } catch {
            guard case .status(let status, _, let reason) = error, status == 401 || status == 403
            else {
                throw .transfer(error)
            }
            throw denial(Self.words(of: reason))
        }
        guard answer.response.succeeded, let json = try? JSON.parse(answer.bytes),
            let token = ["token", "access_token"].lazy.compactMap({ json[$0]?.string })
                .first(where: { !$0.isEmpty }),
            token.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
        else { throw .answer("\(realm): the answer holds no token") }
        return .bearer(token, isPublic: credentials == nil)
    }

    private func request(
        to realm: WebURL,
        _ challenge: Challenge
    ) throws(TransferError) -> HTTPRequest {
        let scopes = scopes(challenge)
        var items = scopes.map { (name: "scope", value: $0) }
        if let service = challenge.parameters["service"] {
            items.insert(("service", service), at: 0)
        }
        var request: HTTPRequest
        if case .identityToken(let token) = credentials?.proof {
            guard realm.isSecure else {
                throw .insecure(realm, reason: "credentials don't travel over plain http")
            }
            // A form has each name once, and scopes between blanks (RFC 6749 §3.3).
            items =
                items.filter { $0.name != "scope" } + [
                    ("scope", scopes.joined(separator: " ")), ("grant_type", "refresh_token"),
                    ("refresh_token", token), ("client_id", "rkt"),
                ]
            let form = items.map { "\($0.name)=\(percentEncoded($0.value))" }.joined(separator: "&")
            request = HTTPRequest(.post, realm, body: .bytes(Array(form.utf8)))
            request.headers.append("Content-Type", "application/x-www-form-urlencoded")
        } else {
            request = HTTPRequest(.get, try realm.with(query: items))
            if case .password(let user, let password) = credentials?.proof {
                request.authorization = .basic(user: user, password: password)
            }
        }
        request.followsRedirects = false
        return request
    }

    /// What is asked for: what the registry says, at least what we need, and reading where blobs are taken from.
    private func scopes(_ challenge: Challenge) -> [String] {
        let own = "repository:\(endpoint.repository):\(purpose.rawValue)"
        let asked = challenge.parameters["scope"].map { [$0] } ?? []
        let others = sources.map { "repository:\($0):pull" }
        var seen: Set<String> = []
        return ((purpose == .pull && !asked.isEmpty ? asked : asked + [own]) + others)
            .filter { seen.insert($0).inserted }
    }
}
