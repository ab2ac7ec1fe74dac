import Foundation
import JSON
import TestSupport
import Testing

extension Functional {
    /// Exported images in the hands of other engines: what an image says of itself and what it does stay the same.
    @Suite(.requires("docker-registry"), .requires("skopeo")) struct ExportingToPeers {
        let rkt: Rkt
        let registry: Registry
        private static var config: [String: Any] {
            [
                "Entrypoint": ["/bin/sh", "-c"], "Env": ["PATH=/bin", "WORD=two words"],
                "Cmd": ["id -u; id -g; pwd; echo \"$WORD\"; cat /etc/mark"], "User": "1000:1001",
                "WorkingDir": "/etc", "Labels": ["kept": "yes"], "ExposedPorts": ["80/tcp": [:]],
            ]
        }
        private static let result = ["1000", "1001", "/etc", "two words", "marked"]

        init() throws {
            rkt = try Rkt()
            registry = try Registry()
            var image = try OCIImage(config: Self.config)
            var layer = TarArchive()
            layer.add("etc/mark", text: "marked")
            image.layers.append(layer)
            try registry.push(try image.write(in: rkt.scratch), to: "app:1")
            try rkt.fetchInsecurely(reference)
        }

        private var reference: String { "docker://\(registry.authority)/app:1" }

        /// Exports it, and says what the registry and rkt call it.
        private func export(_ form: String) throws -> (target: String, id: String) {
            let target = "\(form):\(rkt.scratch("out")):example.com/app:1"
            let name = reference.replacing("docker://", with: "")
            let outcome = try rkt("image", "export", name, "--to=\(target)")
            try #require(outcome.succeeded && outcome.errors.isEmpty, "\(outcome)")
            return (target, outcome.text)
        }

        private func digest(_ image: String) throws -> String {
            try registry.skopeo(["inspect", "--tls-verify=false", "--format={{.Digest}}", image])
        }

        /// The packed layers lie in the store as they came, so nothing of the image is another one.
        @Test(arguments: ["oci", "oci-archive"]) func theManifestIsTheSame(_ form: String) throws {
            #expect(try digest(export(form).target) == digest(reference))
        }

        @Test(arguments: ["oci", "oci-archive", "docker-archive"])
        func whatItSaysOfItselfIsTheSame(_ form: String) throws {
            let target = try export(form).target
            let texts = try [target, reference].map {
                try registry.skopeo(["inspect", "--tls-verify=false", "--config", $0])
            }
            let configs = try texts.map { try #require(JSON.parse(Array($0.utf8))["config"]) }
            #expect(configs[0] == configs[1] && configs[0]["User"] == "1000:1001")
        }

        @Test(.requires("podman"), arguments: ["oci", "oci-archive", "docker-archive"])
        func podmanRunsIt(_ form: String) throws {
            let (target, id) = try export(form)
            let podman = try Podman()
            if form == "oci" {
                try podman("pull", "-q", target)
            } else {
                try podman("load", "-q", "-i", rkt.scratch("out"))
            }
            let loaded = try podman("images", "-q", "--no-trunc")
            #expect("sha256-\(loaded.dropFirst("sha256:".count))" == id)
            #expect(try podman.run(loaded).split(separator: "\n").map(String.init) == Self.result)
        }

        @Test(.requires("umoci")) func umociUnpacksIt() throws {
            _ = try export("oci")
            let bundle = rkt.scratch("bundle")
            try tool("umoci", "unpack", "--image=\(rkt.scratch("out")):example.com/app:1", bundle)
            let text = try #require(rkt.scratch.read("bundle/config.json"))
            let process = try #require(JSON.parse(Array(text.utf8))["process"])
            #expect(process["cwd"] == "/etc")
            #expect(process["user"]?["uid"] == 1000 && process["user"]?["gid"] == 1001)
            #expect(process["args"]?.array?.prefix(2) == ["/bin/sh", "-c"])
            #expect(process["env"]?.array?.contains("WORD=two words") == true)
            #expect(rkt.scratch.read("bundle/rootfs/etc/mark") == "marked")
        }

        @Test(arguments: ["oci", "oci-archive", "docker-archive"])
        func rktReadsItBack(_ form: String) throws {
            let (target, id) = try export(form)
            let other = try Rkt()
            let fetched = try other("--insecure-options=image", "fetch", "--full", target)
            #expect(fetched.text == id, "\(fetched)")
            let run = try other("run", "--net=none", "example.com/app:1")
            #expect(run.lines == Self.result, "\(run)")
        }
    }
}
