import Testing
import Transfers

@testable import Distribution

@Suite struct ChallengeTests {
    @Test(arguments: [
        #"Bearer realm="https://a/t",service="s",scope="repository:x:pull,push""#,
        #"bearer   scope="repository:x:pull,push" , REALM = "https://a/t",service=s"#,
        #"Basic realm="x, y", Bearer realm="https://a/t", service="s", scope="repository:x:pull,push", error="invalid_token""#,
        #"Negotiate, Bearer realm="https://\a/t",service="s",scope="repository:x:pull,push""#,
        #"NTLM abc==, Bearer realm="https://a/t",service="s",scope="repository:x:pull,push",realm="https://b/""#,
    ])
    func challengesInAnyShape(_ header: String) throws {
        let bearer = try #require(Challenge.parse([header]).first { $0.scheme == "bearer" })
        #expect(bearer.parameters["realm"] == "https://a/t")
        #expect(bearer.parameters["service"] == "s")
        #expect(bearer.parameters["scope"] == "repository:x:pull,push")
    }

    @Test(arguments: [
        "", ",,,", "=", "\"", "Bearer realm=\"", "Bearer realm", "\u{1}\u{2}", "Bearer =x, y=\"\\",
    ])
    func nonsenseEnds(_ header: String) {
        #expect(Challenge.parse([header]).allSatisfy { $0.parameters["realm"]?.isEmpty ?? true })
    }

    @Test(arguments: [
        ("https://registry-1.docker.io/", "https://auth.docker.io/token", true),
        ("https://ghcr.io/", "https://ghcr.io/token", true),
        ("https://registry.gitlab.com/", "https://gitlab.com/jwt/auth", true),
        ("https://a.example.com/", "https://a.example.com:444/", true),
        ("https://a.example.com/", "http://auth.example.com/", false),
        ("https://a.example.com/", "https://example.org/", false),
        ("https://a.example.com/", "https://a.example.com.evil.org/", false),
        ("https://evil.co.uk/", "https://bank.co.uk/", false),
        ("https://a.shop.co.uk/", "https://auth.shop.co.uk/", true),
        ("https://10.0.0.1/", "https://10.0.0.2/", false),
        ("https://10.0.0.1:5000/", "https://10.0.0.1:5000/t", true),
        ("https://10.0.0.1:5000/", "https://10.0.0.1:5001/t", false),
        ("https://localhost/", "https://evil.localhost/", false),
        ("https://rg.fr-par.scw.cloud/", "https://api.scaleway.com/t", true),
    ])
    func whereCredentialsMayGo(_ registry: String, _ realm: String, _ may: Bool) throws {
        let rule = RealmRule(registry: try WebURL(registry), allowed: ["api.scaleway.com"])
        #expect(rule.permits(try WebURL(realm)) == may)
    }
}
