import JSON
import TestSupport
import Testing

@testable import Configuration

/// Configuration directories, their layers, and what isn't one.
@Suite struct ConfigurationFiles {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Writes a file `LAYER/KIND.d/NAME.json` out of members that follow kind and version.
    private func write(_ path: String, _ kind: String, _ members: String) throws {
        let parts = path.split(separator: "/").dropLast().joined(separator: "/")
        try scratch.makeDirectory(parts)
        let text = #"{"rktKind":"\#(kind)","rktVersion":"v1",\#(members)}"#
        try scratch.write(text, to: path)
    }

    private func read(_ layers: String...) throws(ConfigurationError) -> Configuration {
        try Configuration(directories: layers.map { scratch($0) })
    }

    static let basic = #""type":"basic","credentials":{"user":"u","password":"hidden"}"#

    @Test func nothingThereIsNothingSaid() throws {
        #expect(try read("none", "neither") == Configuration())
    }

    @Test func aLaterLayerReplacesHostByHost() throws {
        try write("a/auth.d/x.json", "auth", #""domains":["A.com","b.com"],\#(Self.basic)"#)
        let token = #""type":"oauth","credentials":{"token":"t"}"#
        try write("b/auth.d/y.json", "auth", #""domains":["b.com:8443","b.com"],\#(token)"#)
        let hosts = try read("a", "b").hosts
        #expect(hosts["a.com"] == .basic(user: "u", password: Secret("hidden")))
        #expect(hosts["b.com"] == .oauth(token: Secret("t")))
        #expect(hosts["b.com:8443"] == .oauth(token: Secret("t")))
    }

    @Test func everyKindIsRead() throws {
        let aws = #""type":"aws","credentials":{"accessKeyID":"i","secretAccessKey":"s"}"#
        try write("a/auth.d/1.json", "auth", #""domains":["s3.amazonaws.com"],\#(aws)"#)
        let login = #""credentials":{"user":"u","password":"p"}"#
        try write(
            "a/auth.d/2.json",
            "dockerAuth",
            #""registries":["quay.io"],"realms":["auth.example.net"],\#(login)"#
        )
        try write("a/paths.d/p.json", "paths", #""data":"/d","stage1-images":"/s""#)
        try write(
            "a/stage1.d/s.json",
            "stage1",
            #""name":"example.com/stage1","version":"1","location":"https://x.org/s.aci""#
        )
        try write("a/origins.d/o.json", "origin", #""prefix":"coreos.com","registry":"r.io/x""#)
        let all = try read("a")
        let key = HostCredentials.aws(keyID: "i", key: Secret("s"), region: nil)
        #expect(all.hosts == ["s3.amazonaws.com": key])
        #expect(all.registries["quay.io"]?.realms == ["auth.example.net"])
        #expect(all.paths.data == "/d" && all.paths.stage1Images == "/s")
        #expect(all.stage1.name == "example.com/stage1" && all.stage1.version == "1")
        #expect(all.origin(of: "coreos.com/etcd")?.place == .registry("r.io/x"))
        #expect(all.origin(of: "coreos.community/etcd") == nil)
    }

    @Test func patienceIsJoinedKeyByKey() throws {
        try write("a/transfers.d/1.json", "transfers", #""attempts":9,"silenceSeconds":5"#)
        try write("b/transfers.d/1.json", "transfers", #""attempts":2"#)
        try write("b/transfers.d/2.json", "transfers", #""firstPauseMilliseconds":0"#)
        let all = try read("a", "b")
        #expect(all.transfers.attempts == 2 && all.transfers.silenceSeconds == 5)
        #expect(all.transfers.firstPauseMilliseconds == 0)
        let printed = all.json(showsSecrets: false).encoded()
        #expect(printed.contains(#""attempts":2,"firstPauseMilliseconds":0,"silenceSeconds":5"#))
        try write("b/transfers.d/3.json", "transfers", #""attempts":3"#)
        #expect(throws: ConfigurationError.self) { try read("b") }
    }

    @Test func theLongestPrefixIsTheOrigin() throws {
        try write("a/origins.d/1.json", "origin", #""prefix":"a.com","registry":"short""#)
        try write("a/origins.d/2.json", "origin", #""prefix":"a.com/b","registry":"long""#)
        #expect(try read("a").origin(of: "a.com/b/c")?.place == .registry("long"))
        #expect(try read("a").origin(of: "a.com/bc")?.place == .registry("short"))
    }

    @Test func whatIsSaidTwiceInOneLayerIsRefused() throws {
        try write("a/auth.d/1.json", "auth", #""domains":["x.org"],\#(Self.basic)"#)
        try write("a/auth.d/2.json", "auth", #""domains":["X.org"],\#(Self.basic)"#)
        #expect(throws: ConfigurationError.self) { try read("a") }
        try write("b/paths.d/1.json", "paths", #""data":"/a""#)
        try write("b/paths.d/2.json", "paths", #""stage1-images":"/b""#)
        #expect(try read("b").paths.stage1Images == "/b")
        try write("b/paths.d/3.json", "paths", #""data":"/c""#)
        #expect(throws: ConfigurationError.self) { try read("b") }
    }

    @Test(arguments: [
        ("auth.d", #"{"rktKind":"paths","rktVersion":"v1","data":"/x"}"#),
        ("auth.d", #"{"rktKind":"auth","rktVersion":"v2","domains":["a"],\#(basic)}"#),
        ("auth.d", #"{"rktKind":"auth","rktVersion":"v1","domains":[],\#(basic)}"#),
        ("auth.d", #"{"rktKind":"auth","rktVersion":"v1","domains":["a/b"],\#(basic)}"#),
        ("auth.d", #"{"rktKind":"auth","rktVersion":"v1","domains":["a"],"type":"x"}"#),
        ("paths.d", #"{"rktKind":"paths","rktVersion":"v1","data":"relative"}"#),
        ("stage1.d", #"{"rktKind":"stage1","rktVersion":"v1","name":"a.com/x"}"#),
        ("stage1.d", #"{"rktKind":"stage1","rktVersion":"v1","version":"1"}"#),
        ("stage1.d", #"{"rktKind":"stage1","rktVersion":"v1","location":"ftp://x"}"#),
        ("origins.d", #"{"rktKind":"origin","rktVersion":"v1","prefix":"a.com"}"#),
        ("origins.d", #"{"rktKind":"origin","rktVersion":"v1","prefix":"a.com","template":"x"}"#),
        ("transfers.d", #"{"rktKind":"transfers","rktVersion":"v1","attempts":0}"#),
        ("transfers.d", #"{"rktKind":"transfers","rktVersion":"v1","silenceSeconds":"1"}"#),
        ("auth.d", "not json"), ("auth.d", ""),
    ])
    func whatIsWrongIsSaidWithItsFile(_ directory: String, _ text: String) throws {
        try scratch.makeDirectory("a/\(directory)")
        try scratch.write(text, to: "a/\(directory)/bad.json")
        do {
            _ = try read("a")
            Issue.record("accepted")
        } catch { #expect(error.description.contains("\(directory)/bad.json")) }
    }

    @Test func onlyRegularJSONFilesAreRead() throws {
        try scratch.makeDirectory("a/auth.d/dir.json")
        try scratch.write("nonsense", to: "a/auth.d/readme.txt")
        try scratch.write("nonsense", to: "elsewhere")
        try tool("ln", "-s", scratch("elsewhere"), scratch("a/auth.d/link.json"))
        try tool("mkfifo", scratch("a/auth.d/fifo.json"))
        #expect(try read("a") == Configuration())
    }

    @Test func secretsDoNotShow() throws {
        try write("a/auth.d/1.json", "auth", #""domains":["x.org"],\#(Self.basic)"#)
        let all = try read("a")
        var dumped = ""
        dump(all, to: &dumped)
        let texts = ["\(all)", String(reflecting: all), dumped]
        let printed = all.json(showsSecrets: false).encoded()
        for text in texts + [printed] { #expect(!text.contains("hidden"), "\(text)") }
        #expect(all.json(showsSecrets: true).encoded().contains(#""password":"hidden""#))
    }
}
