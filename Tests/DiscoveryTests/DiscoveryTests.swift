import AppContainer
import References
import Testing

@testable import Discovery

/// Pages of hosts, and what is found in them.
@Suite struct DiscoveryPages {
    /// Pages by URL, and which were asked for.
    final class Web {
        var pages: [String: String] = [:]
        var asked: [String] = []

        func discovery(allowsHTTP: Bool = false, at authority: Authority? = nil) -> Discovery {
            Discovery(allowsHTTP: allowsHTTP, at: authority) { url, _ in
                self.asked.append(url)
                return self.pages[url].map { Array($0.utf8) }
            }
        }
    }

    let web = Web()
    static let template = "https://img.example.com/{name}-{version}-{os}-{arch}.{ext}"

    private func meta(_ name: String, _ content: String) -> String {
        "<html><head><meta name=\"\(name)\" content=\"\(content)\"></head></html>"
    }

    private func images(_ name: String, allowsHTTP: Bool = false) throws -> [String] {
        try web.discovery(allowsHTTP: allowsHTTP).images(of: LabelledName(name)).map(\.image)
    }

    @Test func theNearestPageThatSaysSomethingCounts() throws {
        web.pages["https://example.com/a?ac-discovery=1"] =
            meta("ac-discovery", "example.com \(Self.template)")
        web.pages["https://example.com?ac-discovery=1"] =
            meta("ac-discovery", "example.com https://far/{name}.{ext}")
        let found = try web.discovery().images(of: LabelledName("example.com/a/b:1,arch=i386"))
        let url = "https://img.example.com/example.com/a/b-1-linux-i386.aci"
        #expect(found == [DiscoveredImage(image: url, signature: url + ".asc")])
        #expect(
            web.asked == [
                "https://example.com/a/b?ac-discovery=1", "https://example.com/a?ac-discovery=1",
            ]
        )
    }

    @Test func labelsHaveTheirDefaults() throws {
        web.pages["https://example.com?ac-discovery=1"] =
            meta("ac-discovery", "example.com \(Self.template)")
        let file = "latest-linux-\(HostPlatform.architecture).aci"
        #expect(try images("example.com/a") == ["https://img.example.com/example.com/a-\(file)"])
    }

    @Test(arguments: ["example.com/ap", "example.co", "example.com/app/x", "other.org", ""])
    func aPrefixMustEndWhereASegmentEnds(_ prefix: String) throws {
        web.pages["https://example.com?ac-discovery=1"] =
            meta("ac-discovery", "\(prefix) \(Self.template)")
        #expect(try images("example.com/app").isEmpty)
    }

    @Test(arguments: [
        "https://x/{name}-{unknown}.{ext}", "ftp://x/{name}.{ext}", "file:///etc/{name}.{ext}",
        "{name}", "https://x/{name", "https://x/}", "javascript:{name}", "https://x/{version}",
    ])
    func templatesThatGiveNoURLArePassedOver(_ template: String) throws {
        let good = "<meta name=ac-discovery content='example.com https://ok/{name}.{ext}'>"
        web.pages["https://example.com?ac-discovery=1"] =
            "<meta name=ac-discovery content='example.com \(template)'>" + good
        let found = try images("example.com/app:../../x")
        #expect(found == ["https://ok/example.com/app.aci"])
    }

    @Test func valuesAreNoVariables() throws {
        let template = ImageTemplate("https://x/{version}/{name}.{ext}")
        #expect(template.urls(for: try LabelledName("a.com/b,version={ext}")) == nil)
        #expect(template.urls(for: try LabelledName("a.com/b,version=1?x")) == nil)
        #expect(template.urls(for: try LabelledName("a.com/b,version=1@host")) == nil)
    }

    @Test func plainHTTPHasToBeAllowed() throws {
        let page = meta("ac-discovery", "example.com http://img/{name}.{ext}")
        web.pages["http://example.com?ac-discovery=1"] = page
        #expect(try images("example.com/a").isEmpty)
        #expect(web.asked.allSatisfy { $0.hasPrefix("https:") })
        #expect(try images("example.com/a", allowsHTTP: true) == ["http://img/example.com/a.aci"])
        // Nor does a page that came by https lead to http.
        web.pages["https://example.com?ac-discovery=1"] = page
        #expect(try images("example.com/a").isEmpty)
    }

    @Test func portsGoIntoTheURLOfThePage() throws {
        let discovery = web.discovery(at: Authority("example.com:8443"))
        _ = discovery.images(of: try LabelledName("example.com/a"))
        #expect(web.asked.first == "https://example.com:8443/a?ac-discovery=1")
    }

    @Test func keysAreFoundOnTheirOwn() throws {
        web.pages["https://example.com/a?ac-discovery=1"] =
            meta("ac-discovery", "example.com \(Self.template)")
        web.pages["https://example.com?ac-discovery=1"] =
            meta("ac-discovery-pubkeys", "example.com https://example.com/keys.asc")
        let keys = web.discovery().keys(for: try ACIdentifier("example.com/a"))
        #expect(keys == ["https://example.com/keys.asc"])
    }

    @Test(arguments: [
        ("<META NAME='x' CONTENT='y'>", true), ("<meta content=y name=x />", true),
        ("<meta\nname = \"x\"\n content = 'y'\n>", true),
        ("<!-- <meta name=x content=y> -->", false),
        ("<script><meta name=x content=y></script>", false),
        ("<title><meta name=x content=y></title>", false),
        ("<body><meta name=x content=y>", false), ("</head><meta name=x content=y>", false),
        ("<meta name=x content=y", false), ("<meta name='x content=y>", false),
        ("<metaname=x content=y>", false), ("<!doctype html><meta name=x content=y>", true),
        ("<p <meta name=x content=y>", false), ("<meta name=x name=z content=y>", true),
        ("<meta name=x>", false), ("<script></scriptx></script><meta name=x content=y>", true),
    ])
    func onlyTagsInTheHeadCount(_ page: String, _ counts: Bool) {
        let tags = MetaTagReader.tags(in: Array(page.utf8))
        #expect(tags == (counts ? [MetaTag(name: "x", content: "y")] : []), "\(page)")
    }

    @Test func ampersandsMayBeWrittenOut() {
        let tags = MetaTagReader.tags(in: Array("<meta name=x content='a&amp;b&c&#39;'>".utf8))
        #expect(tags.first?.content == "a&b&c'")
    }

    @Test func hostilePagesNeitherCrashNorHang() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "<", ">", "meta", " ", "name", "=", "\"", "'", "ac-discovery", "<!--", "-->", "</", "/",
            "<script>", "\u{0}", "content", "&amp;", "&", "é",
            "<meta name=ac-discovery content='a b'>",
        ]
        for _ in 0..<3000 {
            var page: [UInt8] = []
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                page += pieces.randomElement(using: &generator).map { Array($0.utf8) } ?? []
            }
            if !page.isEmpty {
                page[Int.random(in: page.indices, using: &generator)] = .random(in: .min ... .max)
            }
            _ = MetaTagReader.tags(in: page)
        }
        for text in ["<", "<meta ", "<!--", "<a b=", "</", "<script>", "<meta name=x content='y'>"]
        {
            let many = Array(String(repeating: text, count: 300_000 / text.utf8.count).utf8)
            #expect(MetaTagReader.tags(in: many).count <= 256)
        }
    }
}
