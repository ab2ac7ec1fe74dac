import AppContainer
import JSON
import TestSupport
import Testing

struct ImageManifestTests {
    static let complete = """
        {"acKind":"ImageManifest","acVersion":"0.8.11","name":"example.com/reduce-worker",\
        "labels":[{"name":"version","value":"1.0.0"},{"name":"arch","value":"amd64"},\
        {"name":"os","value":"linux"}],\
        "app":{"exec":["/usr/bin/reduce-worker","--quiet"],\
        "eventHandlers":[{"name":"pre-start","exec":["/usr/bin/data-downloader"]}],\
        "user":"100","group":"300","supplementaryGIDs":[400,500],\
        "workingDirectory":"/opt/work","environment":[{"name":"REDUCE_WORKER_DEBUG","value":"true"}],\
        "mountPoints":[{"name":"work","path":"/var/lib/work","readOnly":true}],\
        "ports":[{"name":"health","protocol":"tcp","port":4000,"count":1,"socketActivated":true}],\
        "isolators":[{"name":"resource/cpu","value":{"request":"250m","limit":"500m"}},\
        {"name":"os/linux/capabilities-retain-set","value":{"set":["CAP_NET_BIND_SERVICE"]}},\
        {"name":"os/linux/seccomp-remove-set","value":{"set":["@docker/default-blacklist"],"errno":"EPERM"}},\
        {"name":"os/linux/no-new-privileges","value":true},{"name":"os/linux/oom-score-adj","value":-5},\
        {"name":"resource/block-iops","value":{"default":true,"limit":"100"}},\
        {"name":"os/unix/sysctl","value":{"net.ipv4.tcp_mtu_probing":"1"}}],\
        "userAnnotations":{"a":"b"},"userLabels":{"k":"v"}},\
        "annotations":[{"name":"created","value":"2014-10-27T19:32:27Z"}],\
        "dependencies":[{"imageName":"example.com/base","imageID":"sha512-ab","size":22017258}],\
        "pathWhitelist":["/etc/ca"]}
        """

    @Test
    func completeManifestIsReadAndWrittenUnchanged() throws {
        let manifest = try ImageManifest(parsing: Array(Self.complete.utf8))
        #expect(manifest.labels["version"] == "1.0.0")
        #expect(manifest.app?.user == .id(100))
        #expect(manifest.app?.supplementaryGIDs == [400, 500])
        #expect(manifest.json.encoded() == Self.complete)
    }

    @Test
    func absentExecIsWrittenAsNull() throws {
        let app = try App(json: ["user": "0", "group": "0"])
        #expect(app.json.encoded() == #"{"exec":null,"user":"0","group":"0"}"#)
    }

    @Test
    func memberNamesMatchWhateverTheirCase() throws {
        let app = try App(json: ["User": "0", "GROUP": "0", "supplementaryGids": [7]])
        #expect(app.supplementaryGIDs == [7])
    }

    /// Each row changes one member of a valid manifest.
    @Test(
        arguments: [
            ("acKind", "PodManifest"), ("acKind", .null), ("acVersion", "0.8"),
            ("acVersion", "v0.8.11"),
            ("acVersion", "0.0.0"), ("name", "Foo"), ("name", .null),
            ("labels", [["name": "name", "value": "x"]]),
            ("labels", [["name": "os", "value": "plan9"]]),
            ("labels", [["name": "os", "value": "linux"], ["name": "arch", "value": "x86_64"]]),
            ("labels", [["name": "a", "value": "1"], ["name": "a", "value": "2"]]),
            ("annotations", [["name": "Bad", "value": "1"]]),
            ("dependencies", [["imageID": "sha512-ab"]]),
            ("pathWhitelist", [1]), ("app", []), ("app", ["exec": ["/x"], "group": "0"]),
        ] as [(String, JSON)]
    )
    func wrongMemberIsRefused(name: String, value: JSON) throws {
        var members: [(String, JSON)] = [
            ("acKind", "ImageManifest"), ("acVersion", "0.8.11"), ("name", "example.com/app"),
        ]
        _ = try ImageManifest(json: object(members))
        members.removeAll { $0.0 == name }
        members.append((name, value))
        #expect(throws: ManifestError.self) { try ImageManifest(json: object(members)) }
    }

    /// Each row adds one member to a valid app.
    @Test(
        arguments: [
            ("exec", "/bin/sh"), ("exec", [1]), ("workingDirectory", "work"),
            ("supplementaryGIDs", [-1]),
            ("supplementaryGIDs", [4_294_967_295]), ("supplementaryGIDs", [.number("80.0")]),
            ("environment", [["name": "", "value": ""]]),
            ("environment", [["name": "A=B", "value": ""]]),
            ("environment", [["name": "A", "value": "1"], ["name": "A", "value": "2"]]),
            ("eventHandlers", [["name": "on-fire", "exec": ["/x"]]]),
            (
                "eventHandlers",
                [["name": "pre-start", "exec": []], ["name": "pre-start", "exec": []]]
            ),
            ("mountPoints", [["name": "x"]]), ("mountPoints", [["path": "/x"]]),
            ("ports", [["name": "x", "port": 0]]), ("ports", [["name": "x", "port": 65536]]),
            ("ports", [["name": "x", "port": 65535, "count": 2]]), ("userLabels", ["a": 1]),
            ("isolators", [["name": "os/linux/unheard-of", "value": 1]]),
            ("isolators", [["name": "os/linux/no-new-privileges"]]),
            ("isolators", [["name": "os/linux/no-new-privileges", "value": .null]]),
            ("isolators", [["name": "os/linux/oom-score-adj", "value": 1001]]),
            ("isolators", [["name": "os/linux/cpu-shares", "value": 1]]),
            ("isolators", [["name": "resource/memory", "value": ["limit": "1K"]]]),
            ("isolators", [["name": "resource/memory", "value": ["limit": "-1"]]]),
            (
                "isolators",
                [["name": "resource/memory", "value": ["limit": "1", "default": true]]]
            ),
            ("isolators", [["name": "resource/block-iops", "value": ["limit": "1"]]]),
            ("isolators", [["name": "os/linux/capabilities-retain-set", "value": ["set": []]]]),
            (
                "isolators",
                [["name": "os/linux/seccomp-retain-set", "value": ["set": ["a"], "errno": "x"]]]
            ),
            (
                "isolators",
                [
                    ["name": "os/linux/seccomp-retain-set", "value": ["set": ["a"]]],
                    ["name": "os/linux/seccomp-remove-set", "value": ["set": ["a"]]],
                ]
            ),
            (
                "isolators",
                [
                    ["name": "os/linux/capabilities-retain-set", "value": ["set": ["a"]]],
                    ["name": "os/linux/capabilities-remove-set", "value": ["set": ["a"]]],
                ]
            ),
            (
                "isolators",
                [
                    ["name": "os/linux/cpu-shares", "value": 2],
                    ["name": "os/linux/cpu-shares", "value": 3],
                ]
            ),
        ] as [(String, JSON)]
    )
    func wrongMemberOfAppIsRefused(name: String, value: JSON) {
        let app = object([("user", "0"), ("group", "0"), (name, value)])
        #expect(throws: ManifestError.self) { try App(json: app) }
    }

    @Test
    func environmentNameOfAnACIMustBePortable() throws {
        let app: JSON = ["user": "0", "group": "0", "environment": [["name": "1 x", "value": ""]]]
        _ = try App(json: app)
        let manifest: JSON = [
            "acKind": "ImageManifest", "acVersion": "0.8.11", "name": "a", "app": app,
        ]
        #expect(throws: ManifestError.self) { try ImageManifest(json: manifest) }
    }

    @Test
    func complaintNamesThePlace() {
        let app: JSON = ["user": "0", "group": "0", "mountPoints": [["name": "a", "path": 1]]]
        let error = #expect(throws: ManifestError.self) { try App(json: app) }
        #expect(error?.description == "mountPoints[0].path: not a string")
    }

    @Test
    func mutatedManifestsNeitherTrapNorHang() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<5000 {
            let bytes = mutated(Array(Self.complete.utf8), using: &random)
            guard let manifest = try? ImageManifest(parsing: bytes) else { continue }
            #expect(try ImageManifest(json: manifest.json) == manifest)
        }
    }

    private func object(_ members: [(String, JSON)]) -> JSON {
        .object(members.map { JSON.Member($0.0, $0.1) })
    }
}
