import Foundation
import TestSupport
import Testing

extension Functional {
    /// How rkt proves to registries who asks: helpers that keep passwords, tokens and what registries do with them.
    @Suite(.requires("openssl"), .requires("python3")) struct RegistryLogins {
        private typealias Reply = ScriptedServer.Reply
        private typealias Request = ScriptedServer.Request
        let rkt: Rkt
        let image: RegistryImage

        init() throws {
            rkt = try Rkt()
            image = try RegistryImage()
        }

        private func fetch(_ fronts: TLSFront..., flags: [String] = []) throws -> Outcome {
            let authorities = fronts.compactMap { File.read($0.certificate) }.joined()
            return try rkt(
                ["--insecure-options=image"] + flags
                    + ["fetch", "--full", "--no-store", "docker://\(fronts[0].authority)/a/b:1"],
                environment: [
                    "SSL_CERT_FILE": try rkt.scratch.write(authorities, to: "authorities.pem"),
                    "PATH": "\(rkt.scratch("bin")):/usr/bin:/bin", "HOME": rkt.scratch.path,
                ],
                within: 30
            )
        }

        private func dockerConfiguration(_ text: String) throws {
            try rkt.scratch.write(text, to: ".docker/config.json")
        }

        private func helper(_ script: String) throws {
            try rkt.scratch.write(
                "#!/bin/sh\nread server\necho \"$1 $server\" >>'\(rkt.scratch("asked"))'\n\(script)\n",
                to: "bin/docker-credential-test",
                mode: 0o755
            )
        }

        private static let login = #"echo '{"ServerURL":"x","Username":"me","Secret":"secret"}'"#
        private static let basic = "Basic bWU6c2VjcmV0"

        /// A registry that asks for a proof; what is asked of its token server is told to `token`.
        private func registry(
            _ challenge: @escaping @Sendable (Request) -> [String: String] = {
                ["WWW-Authenticate": #"Bearer realm="https://\#($0.host)/token",service="s""#]
            },
            token: @escaping @Sendable (Request) -> Reply = { _ in Reply(404, "") },
            accepts: @escaping @Sendable (Request) -> Bool
        ) throws -> ScriptedServer {
            try ScriptedServer { [image] request in
                if request.path == "/token" { return token(request) }
                guard accepts(request) else { return Reply(401, "", headers: challenge(request)) }
                return image.answer(to: request)
            }
        }

        private static func askingForPassword(_: Request) -> [String: String] {
            ["WWW-Authenticate": #"Basic realm="r""#]
        }

        // MARK: - Helpers

        @Test(arguments: [#"{"credsStore":"test"}"#, #"{"credHelpers":{"AUTHORITY":"test"}}"#])
        func aHelperKeepsThePassword(_ configuration: String) throws {
            let server = try registry(Self.askingForPassword) {
                $0.headers["authorization"] == Self.basic
            }
            let front = try TLSFront(server.port)
            try dockerConfiguration(configuration.replacing("AUTHORITY", with: front.authority))
            try helper(Self.login)
            let outcome = try fetch(front)
            #expect(outcome.text == image.id, "\(outcome)")
            #expect(rkt.scratch.read("asked")?.hasPrefix("get \(front.authority)\n") == true)
        }

        @Test(arguments: [
            ("echo 'the vault is locked'; exit 1", "failed: the vault is locked"),
            ("echo 'no bus' >&2; exit 1", "failed: no bus"), ("exit 3", "failed: no reason given"),
            ("kill -9 $$", "failed"), ("echo hello", "what is no login"), ("", "what is no login"),
            (#"echo '{"Username":"me"}'"#, "what is no login"),
            ("exec yes", "more than 65536 bytes"),
            ("echo 'credentials not found in native keychain'; exit 1", "no credentials for"),
            (#"echo '{"Username":"","Secret":""}'"#, "no credentials for"),
        ])
        func aHelperThatHasNoLogin(_ script: String, _ words: String) throws {
            let server = try registry(Self.askingForPassword) { _ in false }
            let front = try TLSFront(server.port)
            try dockerConfiguration(#"{"credsStore":"test"}"#)
            try helper(script)
            let outcome = try fetch(front)
            #expect(outcome.code == 254 && outcome.errors.contains(words), "\(outcome)")
            #expect(rkt.hasEmptyStore)
        }

        @Test func aHelperThatIsNotThereIsMissed() throws {
            let server = try registry(Self.askingForPassword) { _ in false }
            let front = try TLSFront(server.port)
            try dockerConfiguration(#"{"credHelpers":{"\#(front.authority)":"none"}}"#)
            let outcome = try fetch(front)
            let words = #""docker-credential-none" is not installed"#
            #expect(outcome.code == 254 && outcome.errors.contains(words), "\(outcome)")
        }

        /// A user `<token>` is none: what is kept is good for getting tokens (OAuth 2).
        @Test(arguments: [true, false]) func anIdentityTokenGetsTokens(_ byHelper: Bool) throws {
            let server = try registry(
                token: { request in
                    let form = "&\(String(decoding: request.body, as: UTF8.self))&"
                    let members = [
                        "grant_type=refresh_token", "refresh_token=keep/me", "service=s",
                        "scope=repository:a/b:pull",
                    ]
                    guard request.method == "POST", members.allSatisfy({ form.contains("&\($0)&") })
                    else { return Reply(400, "bad form") }
                    return Reply(200, #"{"access_token":"t"}"#)
                },
                accepts: { $0.headers["authorization"] == "Bearer t" }
            )
            let front = try TLSFront(server.port)
            try helper(#"echo '{"Username":"<token>","Secret":"keep/me"}'"#)
            try dockerConfiguration(
                byHelper
                    ? #"{"credsStore":"test"}"#
                    : #"{"auths":{"\#(front.authority)":{"identitytoken":"keep/me"}}}"#
            )
            let outcome = try fetch(front)
            #expect(outcome.text == image.id, "\(outcome)")
        }

        // MARK: - Tokens

        @Test(arguments: [
            #"{"token":"t"}"#, #"{"access_token":"t","expires_in":60}"#,
            #"{"token":"t","access_token":"other"}"#, #"{"token":"","access_token":"t"}"#,
            #"{"token":null,"access_token":"t","expires_in":"soon"}"#,
        ])
        func aTokenInAnyForm(_ body: String) throws {
            let server = try registry(
                token: { _ in Reply(200, body) },
                accepts: { $0.headers["authorization"] == "Bearer t" }
            )
            let outcome = try fetch(TLSFront(server.port))
            #expect(outcome.text == image.id, "\(outcome)")
        }

        @Test(arguments: [
            "", "nothing", "{}", #"{"token":""}"#, #"{"token":"two words"}"#, #"{"token":7}"#,
        ])
        func whatIsNoTokenIsRefused(_ body: String) throws {
            let server = try registry(token: { _ in Reply(200, body) }, accepts: { _ in false })
            let outcome = try fetch(TLSFront(server.port))
            #expect(outcome.code == 254 && outcome.errors.contains("no token"), "\(outcome)")
        }

        /// In the middle of a layer: a new one is got, and the download goes on where it stopped.
        @Test func aTokenThatEndsMeanwhileIsRenewed() throws {
            let image = try RegistryImage(noise: 1 << 20)
            let (tokens, pieces) = (Counter(), Counter())
            let server = try ScriptedServer { request in
                if request.path == "/token" {
                    return Reply(200, #"{"token":"t\#(tokens.next())","expires_in":1}"#)
                }
                var reply = image.answer(to: request)
                let isRest = image.isLayer(request) && request.headers["range"] != nil
                guard request.headers["authorization"] == (isRest ? "Bearer t1" : "Bearer t0")
                else {
                    let challenge =
                        #"Bearer realm="https://\#(request.host)/token",service="s",error="invalid_token""#
                    return Reply(401, "", headers: ["WWW-Authenticate": challenge])
                }
                if image.isLayer(request), pieces.next() == 0 {
                    reply.breaksAfter = image.layer.count / 2
                }
                return reply
            }
            let outcome = try fetch(TLSFront(server.port))
            #expect(outcome.text == image.id, "\(outcome)")
            let asked = server.requests.filter(image.isLayer)
            #expect(
                asked.map { $0.headers["authorization"] }
                    == ["Bearer t0", "Bearer t0", "Bearer t1"]
            )
            #expect(asked[1].headers["range"] == asked[2].headers["range"])
            #expect(server.requests.filter { $0.path == "/token" }.count == 2)
        }

        // MARK: - Challenges

        @Test(arguments: [
            [
                "WWW-Authenticate":
                    #"Basic realm="a, b", Bearer realm="https://HOST/token",service="s""#
            ],
            [
                "WWW-Authenticate": #"Basic realm="r""#,
                "www-authenticate": #"bearer realm="https://HOST/token",service="s""#,
            ],
            [
                "WWW-Authenticate":
                    #"Bearer realm="https://HOST/token",scope="repository:a/b:pull,push",service="s""#
            ],
            ["WWW-Authenticate": #"BEARER Service=s , Realm = "https://HOST/token""#],
        ])
        func challengesInAnyShapeAreAnswered(_ headers: [String: String]) throws {
            let server = try registry(
                { request in headers.mapValues { $0.replacing("HOST", with: request.host) } },
                token: { request in
                    let isRight = request.target.contains("service=s&scope=repository:a/b:pull")
                    return isRight ? Reply(200, #"{"token":"t"}"#) : Reply(400, "")
                },
                accepts: { $0.headers["authorization"] == "Bearer t" }
            )
            let outcome = try fetch(TLSFront(server.port))
            #expect(outcome.text == image.id, "\(outcome)")
        }

        @Test(arguments: [
            ([:], "in no way that is known"),
            (["WWW-Authenticate": "Negotiate"], "in no way that is known"),
            (["WWW-Authenticate": #"Bearer service="s""#], "in no way that is known"),
            (["WWW-Authenticate": #"Bearer realm="nowhere""#], "bad URL"),
            (["WWW-Authenticate": #"Bearer realm="http://HOST/token""#], "by plain http"),
        ])
        func challengesThatNobodyCanAnswer(_ headers: [String: String], _ words: String) throws {
            let server = try registry(
                { request in headers.mapValues { $0.replacing("HOST", with: request.host) } },
                accepts: { _ in false }
            )
            let outcome = try fetch(TLSFront(server.port))
            #expect(outcome.code == 254 && outcome.errors.contains(words), "\(outcome)")
        }

        /// A registry that has begun with tokens may go over to passwords.
        @Test func aPasswordAfterAToken() throws {
            let server = try registry(
                { request in
                    request.path.contains("/blobs/")
                        ? Self.askingForPassword(request)
                        : [
                            "WWW-Authenticate":
                                #"Bearer realm="https://\#(request.host)/token",service="s""#
                        ]
                },
                token: { request in
                    request.headers["authorization"] == Self.basic
                        ? Reply(200, #"{"token":"t"}"#) : Reply(401, "")
                },
                accepts: { request in
                    let proof = request.path.contains("/blobs/") ? Self.basic : "Bearer t"
                    return request.headers["authorization"] == proof
                }
            )
            let front = try TLSFront(server.port)
            try dockerConfiguration(#"{"credsStore":"test"}"#)
            try helper(Self.login)
            let outcome = try fetch(front)
            #expect(outcome.text == image.id, "\(outcome)")
        }

        // MARK: - Where a password goes

        @Test func itDoesNotFollowARedirectToAnotherHost() throws {
            let other = try ScriptedServer(image)
            let otherFront = try TLSFront(other.port)
            let (authority, image) = (otherFront.authority, image)
            let server = try ScriptedServer { request in
                guard request.headers["authorization"] == Self.basic else {
                    return Reply(401, "", headers: Self.askingForPassword(request))
                }
                guard image.isLayer(request) else { return image.answer(to: request) }
                let place = "https://\(authority)\(request.target)"
                return Reply(307, "", headers: ["Location": place])
            }
            let front = try TLSFront(server.port)
            try dockerConfiguration(#"{"credsStore":"test"}"#)
            try helper(Self.login)
            let outcome = try fetch(front, otherFront)
            #expect(outcome.text == image.id, "\(outcome)")
            #expect(other.requests.map { $0.headers["authorization"] } == [nil])
        }

        @Test func itGoesToAnotherTokenServerOnlyIfTheConfigurationNamesIt() throws {
            let tokens = try ScriptedServer { request in
                request.headers["authorization"] == Self.basic
                    ? Reply(200, #"{"token":"t"}"#) : Reply(401, "")
            }
            let tokenFront = try TLSFront(tokens.port)
            let realm = tokenFront.authority
            let server = try registry(
                { _ in
                    ["WWW-Authenticate": #"Bearer realm="https://\#(realm)/token",service="s""#]
                },
                accepts: { $0.headers["authorization"] == "Bearer t" }
            )
            let front = try TLSFront(server.port)
            let flags = ["--local-config=\(rkt.scratch("etc"))"]
            func configure(_ realms: String) throws {
                try rkt.scratch.write(
                    #"{"rktKind":"dockerAuth","rktVersion":"v1","registries":["\#(front.authority)"],"credentials":{"user":"me","password":"secret"}\#(realms)}"#,
                    to: "etc/auth.d/registry.json"
                )
            }
            try configure("")
            let refused = try fetch(front, tokenFront, flags: flags)
            #expect(refused.code == 254 && refused.errors.contains("another domain"), "\(refused)")
            #expect(tokens.requests.isEmpty)
            try configure(#","realms":["\#(realm)"]"#)
            let allowed = try fetch(front, tokenFront, flags: flags)
            #expect(allowed.text == image.id, "\(allowed)")
        }
    }
}

extension ScriptedServer.Request {
    /// The host that was asked, with its port.
    fileprivate var host: String { headers["host"] ?? "" }
}
