import Testing

@testable import Transfers

@Suite struct WebURLTests {
    @Test(arguments: [
        ("https://Example.COM/a", "https://example.com", "/a"),
        ("https://example.com:443", "https://example.com", "/"),
        ("http://example.com:8080/a?b=c#d", "http://example.com:8080", "/a"),
        ("https://[::1]:5000/v2/", "https://[::1]:5000", "/v2/"),
        ("https://a/b/../c", "https://a", "/c"),
    ])
    func whatLeadsSomewhere(_ text: String, _ origin: String, _ path: String) throws {
        let url = try WebURL(text)
        #expect(url.origin == origin)
        #expect(url.path == path)
        #expect(!url.text.contains("#"))
    }

    @Test(arguments: [
        "", "a", "/a", "file:///etc/passwd", "gopher://a/", "ftp://a/", "https://",
        "https://user@a/", "https://user:secret@a/", "https://a:0/", "https://a:99999/",
        "https://a b/", "https://a/\u{0}", "https://a/\r\nX: y", "https://a/ä", "-K",
        "https://" + String(repeating: "a", count: 9000),
    ])
    func whatDoesNot(_ text: String) {
        #expect(throws: TransferError.self) { try WebURL(text) }
    }

    @Test(arguments: [
        ("/x", "https://a:5000/x"), ("x?q", "https://a:5000/v2/x?q"), ("//b/x", "https://b/x"),
        ("http://c/", "http://c/"), ("?n=2", "https://a:5000/v2/list?n=2"),
    ])
    func whatAnAnswerRefersTo(_ text: String, _ expected: String) throws {
        let base = try WebURL("https://a:5000/v2/list?x=1")
        #expect(try base.resolving(text).text == expected)
    }

    @Test func messagesDoNotShowTheQuery() throws {
        let url = try WebURL("https://a/b?signature=secret")
        #expect("\(url)" == "https://a/b?…")
        #expect(
            try url.with(query: [("digest", "sha256:ab c")]).text
                == "https://a/b?signature=secret&digest=sha256:ab%20c"
        )
    }

    @Test func secretsDoNotShowThemselves() {
        let secret = Authorization.basic(user: "Aladdin", password: "open sesame")
        #expect(secret.value == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect("\(secret)" == "(secret)")
    }

    @Test(
        arguments: [
            ("max-age=60", 60), ("max-age=0", 0), ("no-cache, max-age=60", 0), ("no-store", 0),
            ("public, Max-Age = 5", 5), ("max-age=-3", 0), ("", 0), ("max-age=x", 0),
        ] as [(String, Int64)]
    )
    func ageOfAnAnswer(_ text: String, _ seconds: Int64) {
        #expect((["cache-control": text] as HTTPHeaders).maximumAge == seconds)
    }

    @Test func proxies() throws {
        let proxies = Proxies {
            [
                "https_proxy": "http://p:1", "HTTP_PROXY": "http://p:2",
                "no_proxy": "x.org,.y.org, z.org:81",
            ][$0]
        }
        func proxy(_ url: String) throws -> String { proxies.proxy(for: try WebURL(url)) }
        #expect(try proxy("https://a/") == "http://p:1")
        #expect(try proxy("http://a/") == "http://p:2")
        for url in [
            "https://x.org/", "https://www.x.org/", "http://a.y.org/", "http://z.org:81/",
            "http://localhost:5000/", "http://127.0.0.1/",
        ] {
            #expect(try proxy(url).isEmpty, "\(url)")
        }
        #expect(try proxy("http://zx.org/") == "http://p:2")
        #expect(try proxy("http://127.0.0.1.evil.org/") == "http://p:2")
        let inCGI = Proxies { ["HTTP_PROXY": "http://p:2", "REQUEST_METHOD": "GET"][$0] }
        #expect(inCGI.proxy(for: try WebURL("http://a/")).isEmpty)
    }
}
