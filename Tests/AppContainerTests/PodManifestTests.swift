import AppContainer
import JSON
import TestSupport
import Testing

struct PodManifestTests {
    private static let complete = """
        {"acVersion":"0.8.11","acKind":"PodManifest","apps":[{"name":"worker","image":\
        {"name":"example.com/worker","id":"sha512-ab","labels":[{"name":"version","value":"1"}]},\
        "app":{"exec":["/w"],"user":"0",\
        "group":"0"},"readOnlyRootFS":true,"mounts":[{"volume":"work","path":"/w","appVolume":\
        {"name":"work","kind":"empty","mode":"0700","uid":1,"gid":2}}],\
        "annotations":[{"name":"foo","value":"baz"}]}],\
        "volumes":[{"name":"db","kind":"host","source":"/db","readOnly":true,"recursive":false}],\
        "isolators":[{"name":"example.com/unheard-of","value":{"x":[1]}}],"annotations":null,\
        "ports":[{"name":"ftp","hostPort":2121,"hostIP":"127.0.0.1","podPort":\
        {"name":"ftp","protocol":"tcp","port":21,"count":1,"socketActivated":false}}],\
        "userLabels":{"k":"v"}}
        """

    @Test
    func completeManifestIsReadAndWrittenUnchanged() throws {
        let pod = try PodManifest(parsing: Array(Self.complete.utf8))
        #expect(try pod.app(ACName("worker"))?.hasReadOnlyRootFS == true)
        #expect(
            try pod.volume(ACName("db"))?.kind == .host(source: "/db", isRecursive: false)
        )
        #expect(pod.json.encoded() == Self.complete)
    }

    @Test
    func emptyListsAreWrittenAsNull() {
        #expect(
            PodManifest().json.encoded()
                == #"{"acVersion":"0.8.11","acKind":"PodManifest","apps":[],"volumes":null,"#
                + #""isolators":null,"annotations":null,"ports":null}"#
        )
    }

    @Test
    func whatAppcLacksIsKeptInAnnotations() throws {
        var app = App(exec: ["/x"])
        (app.stopSignal, app.isOCI, app.group) = (15, true, .primary)
        let runtime = RuntimeApp(
            name: try ACName("x"),
            image: RuntimeImage(id: try ImageHash("sha256-ab")),
            app: app
        )
        #expect(
            runtime.json["annotations"] == [
                ["name": "rkt.dev/stop-signal", "value": "15"],
                ["name": "rkt.dev/image-format", "value": "oci"],
            ]
        )
        #expect(runtime.json["app"]?["group"] == ":primary")
        #expect(try RuntimeApp(json: runtime.json) == runtime)
    }

    @Test(arguments: ["0", "32", "65", "-1", "TERM", ""])
    func wrongStopSignalIsRefused(text: String) {
        let app: JSON = [
            "name": "x", "image": ["id": "sha256-ab"], "app": ["user": "0", "group": "0"],
            "annotations": [["name": "rkt.dev/stop-signal", "value": .string(text)]],
        ]
        #expect(throws: ManifestError.self) { try RuntimeApp(json: app) }
    }

    @Test(arguments: [
        #"{"acKind":"ImageManifest"}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","apps":[{"name":"a"}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","apps":[{"name":"A","image":{"id":"sha512-ab"}}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","apps":[{"name":"a","image":{"id":"sha512-../x"}}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","apps":[{"name":"a","image":{"id":"sha512-ab"}},{"name":"a","image":{"id":"sha512-ab"}}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","volumes":[{"name":"a","kind":"host","source":"x"}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","volumes":[{"name":"a","kind":"host","source":"/x","uid":0}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","volumes":[{"name":"a","kind":"empty","source":"/x"}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","volumes":[{"name":"a","kind":"empty","mode":"0999"}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","volumes":[{"name":"a","kind":"empty","mode":"-1"}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","volumes":[{"name":"a","kind":"empty","uid":4294967295}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","volumes":[{"name":"a","kind":"tmpfs"}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","volumes":[{"name":"a","kind":"empty"},{"name":"a","kind":"empty"}]}"#,
        #"{"acVersion":"0.8.11","acKind":"PodManifest","ports":[{"name":"a","hostPort":65536}]}"#,
    ])
    func wrongManifestIsRefused(text: String) {
        #expect(throws: ManifestError.self) { try PodManifest(parsing: Array(text.utf8)) }
    }

    @Test
    func mutatedManifestsNeitherTrapNorHang() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            let bytes = mutated(Array(Self.complete.utf8), using: &random)
            guard let pod = try? PodManifest(parsing: bytes) else { continue }
            #expect(try PodManifest(json: pod.json) == pod)
        }
    }
}
