import AppContainer
import JSON
import Linux
import PodLifecycle
import TestSupport
import Testing

@testable import Commands

/// The keys that scripts read, in rkt's order.
@Suite struct PodJSONTests {
    @Test func aPodIsWrittenAsRktWritesIt() throws {
        let scratch = try Scratch()
        let name = "6733c088-a507-4694-aabf-eae4ac0d4e3f"
        let place = "data/pods/run/\(name)"
        let id = "sha512-" + String(repeating: "ab", count: 32)
        try scratch.write(
            """
            {"acVersion":"0.8.11","acKind":"PodManifest","apps":[{"name":"web","image":{"id":"\(id)"},\
            "mounts":[{"volume":"data","path":"/data"},{"volume":"tmp","path":"/tmp"}]}],\
            "volumes":[{"name":"data","kind":"host","source":"/srv","readOnly":true},\
            {"name":"tmp","kind":"empty"}],"userLabels":{"b":"2","a":"1"}}
            """,
            to: "\(place)/pod"
        )
        try scratch.write("7\n", to: "\(place)/ppid")
        try scratch.write("3\n", to: "\(place)/stage1/rootfs/rkt/status/web")
        let pods = try PodsDirectory(dataDirectory: scratch("data"))
        let record = try pods.observe(pods.find("6733")).record()

        let json = record.json
        #expect(
            json.members?.map(\.name) == [
                "name", "state", "app_names", "apps", "created_at", "started_at", "user_labels",
            ]
        )
        #expect(json["created_at"]?.integer == record.created.seconds)
        #expect(json["user_labels"]?.encoded() == #"{"a":"1","b":"2"}"#)
        let app = try #require(json["apps"]?.array?.first)
        #expect(
            app.members?.map(\.name) == [
                "name", "state", "created_at", "finished_at", "exit_code", "image_id", "mounts",
            ]
        )
        #expect(app["created_at"]?.integer == record.created.totalNanoseconds)
        #expect(app["exit_code"]?.integer == 3)
        #expect(
            app["mounts"]?.array?.first?.encoded()
                == #"{"name":"data","container_path":"/data","host_path":"/srv","read_only":true}"#
        )
    }
}
