import Foundation
import JSON
import TestSupport
import Testing

extension Functional {
    /// Images that other programs push, and images that other programs pull: through Debian's docker-registry.
    @Suite(.requires("docker-registry"), .requires("skopeo")) struct RegistryPeers {
        let rkt: Rkt

        init() throws { rkt = try Rkt() }

        private let insecure = "--insecure-options=image,http"

        private func digest(_ reference: String, of registry: Registry) throws -> String {
            try registry.skopeo([
                "inspect", "--tls-verify=false", "--format={{.Digest}}", "docker://\(reference)",
            ])
        }

        @Test(.requires("buildah")) func anImageOfBuildahRuns() throws {
            let registry = try Registry()
            let tree = try BusyboxTree.path.get()
            try tool(
                "sh",
                "-ec",
                """
                cd '\(rkt.scratch.path)'
                buildah() { /usr/bin/buildah --root=$PWD/buildah --runroot=$PWD/buildah-run --storage-driver=vfs "$@"; }
                name=$(buildah from scratch)
                buildah add -q "$name" '\(tree)' /
                buildah config --cmd '["/bin/echo","from buildah"]' "$name"
                buildah commit -q "$name" built
                buildah push -q --tls-verify=false built docker://\(registry.authority)/built:1
                """
            )
            let outcome = try rkt(
                insecure,
                "run",
                "--net=none",
                "docker://\(registry.authority)/built:1",
                within: 60
            )
            #expect(outcome.text == "from buildah", "\(outcome)")
        }

        @Test(.requires("podman")) func aPushedImageRunsInPodman() throws {
            let registry = try Registry()
            let image = try OCIImage(config: ["Cmd": ["/bin/echo", "ran"]])
            try registry.push(try image.write(in: rkt.scratch), to: "fetched:1")
            try rkt.fetchInsecurely("docker://\(registry.authority)/fetched:1")
            let name = "\(registry.authority.replacing(":", with: "_"))/fetched:1"
            let reference = "\(registry.authority)/pushed:1"
            let pushed = try rkt(insecure, "push", name, "docker://\(reference)")
            #expect(pushed.succeeded, "\(pushed)")
            #expect(try digest(reference, of: registry) == pushed.text)
            let podman = try Podman()
            try podman("pull", "-q", "--tls-verify=false", reference)
            #expect(try podman("inspect", "--format={{.Digest}}", reference) == pushed.text)
            #expect(try podman.run(reference) == "ran")
        }

        // A registry refuses bodies that are too large for it: blobs beyond 64 MiB go in pieces. What is in another
        // repository of the registry isn't sent at all.
        @Test func largeBlobsGoInPiecesAndKnownOnesNotAtAll() throws {
            var image = try OCIImage()
            var noise = TarArchive()
            noise.add(
                "noise",
                contents: try #require(FileManager.default.contents(atPath: noiseFile()))
            )
            image.layers.append(noise)
            let (source, target) = (try Registry(), try Registry())
            try source.push(try image.write(in: rkt.scratch), to: "from/app:1")
            try rkt.fetchInsecurely("docker://\(source.authority)/from/app:1")
            let name = "\(source.authority.replacing(":", with: "_"))/from/app:1"
            let chunked = try rkt(
                insecure,
                "push",
                name,
                "docker://\(target.authority)/to/app:1",
                within: 120
            )
            #expect(chunked.succeeded, "\(chunked)")
            #expect(try digest("\(target.authority)/to/app:1", of: target) == chunked.text)
            let pieces = target.log.split(separator: "\n").filter {
                $0.contains("\"PATCH /v2/to/app/")
            }
            // The first 64 MiB; the rest comes with the request that ends the upload.
            #expect(pieces.count == 1, "\(target.log)")
            let mounted = try rkt(insecure, "push", name, "docker://\(source.authority)/other:1")
            #expect(mounted.text == chunked.text, "\(mounted)")
            let log = source.log.split(separator: "\n")
            #expect(
                log.contains { $0.contains("/v2/other/blobs/uploads/?") && $0.contains("\" 201 ") }
            )
            #expect(
                !log.contains {
                    $0.contains("\"PATCH /v2/other/") || $0.contains("\"PUT /v2/other/blobs")
                }
            )
        }

        /// A little more than 64 MiB that nothing makes smaller.
        private func noiseFile() throws -> String {
            let file = rkt.scratch("noise")
            try tool("sh", "-ec", "head -c 70000000 /dev/urandom >'\(file)'")
            return file
        }

        @Test func thePlatformIsChosen() throws {
            let registry = try Registry()
            var entries: [String] = []
            for architecture in ["amd64", "arm64"] {
                var image = OCIImage(layers: [TarArchive()])
                image.layers[0].add("for", text: architecture)
                image.architecture = architecture
                try registry.push(
                    try image.write(in: rkt.scratch, as: architecture),
                    to: "app:\(architecture)"
                )
                let manifest = try tool(
                    "curl",
                    "-sS",
                    "-HAccept: application/vnd.oci.image.manifest.v1+json",
                    "http://\(registry.authority)/v2/app/manifests/\(architecture)"
                )
                let digest = try digest("\(registry.authority)/app:\(architecture)", of: registry)
                entries.append(
                    #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(digest)","size":\#(manifest.utf8.count),"platform":{"os":"linux","architecture":"\#(architecture)"}}"#
                )
            }
            let type = "application/vnd.oci.image.index.v1+json"
            try tool(
                "curl",
                "-fsS",
                "-XPUT",
                "-HContent-Type: \(type)",
                "--data-binary",
                #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[\#(entries.joined(separator: ","))]}"#,
                "http://\(registry.authority)/v2/app/manifests/all"
            )
            let reference = "docker://\(registry.authority)/app:all"
            let usual = try rkt(insecure, "fetch", "--full", reference)
            let other = try rkt(insecure, "fetch", "--full", "--arch=aarch64", reference)
            #expect(usual.succeeded && other.succeeded && usual.text != other.text, "\(other)")
            let missing = try rkt(insecure, "fetch", "--arch=s390x", reference)
            #expect(missing.code == 254 && missing.errors.contains("s390x"), "\(missing)")
        }

        @Test(.requires("openssl")) func tokensOpenARegistry() throws {
            let tokens = try TokenServer()
            let registry = try Registry(.token(tokens))
            try registry.push(try OCIImage().write(in: rkt.scratch), to: "team/app:1")
            let reference = "docker://\(registry.authority)/team/app:1"
            let fetched = try rkt(insecure, "fetch", reference, within: 60)
            #expect(fetched.succeeded, "\(fetched)")
            let name = "\(registry.authority.replacing(":", with: "_"))/team/app:1"
            let pushed = try rkt(insecure, "push", name, "docker://\(registry.authority)/copy:1")
            #expect(pushed.succeeded, "\(pushed)")
            #expect(tokens.scopes.contains("repository:team/app:pull"), "\(tokens.scopes)")
            #expect(
                tokens.scopes.contains { $0.hasPrefix("repository:copy:p") },
                "\(tokens.scopes)"
            )
        }

        /// A host without discovery that is a registry: as when Quay served ACIs, but only if unsigned images may be.
        @Test func aBareNameMayMeanARegistry() throws {
            let registry = try Registry()
            let image = try OCIImage(config: ["Cmd": ["/bin/echo", "ran"]])
            try registry.push(try image.write(in: rkt.scratch), to: "app:1")
            let name = "\(registry.authority)/app:1"
            let refused = try rkt("--insecure-options=http", "fetch", name, within: 60)
            #expect(refused.code == 254, "\(refused)")
            #expect(refused.errors.contains("--insecure-options=image"), "\(refused)")
            let run = try rkt(insecure, "run", "--net=none", name, within: 60)
            #expect(run.text == "ran", "\(run)")
            // It is here now, by the same name.
            let again = try rkt("--insecure-options=image", "run", "--net=none", name, within: 60)
            #expect(again.text == "ran", "\(again)")
            #expect(try rkt("image", "rm", name).succeeded)
        }

        @Test func anOriginMayBeARegistry() throws {
            let registry = try Registry()
            let image = try OCIImage(config: ["Cmd": ["/bin/echo", "moved"]])
            try registry.push(try image.write(in: rkt.scratch), to: "mirror/team/app:1")
            for (file, prefix) in [("a", "example.com/team"), ("b", "example.com:8443/team")] {
                try rkt.scratch.write(
                    #"{"rktKind":"origin","rktVersion":"v1","prefix":"\#(prefix)","registry":"\#(registry.authority)/mirror/team"}"#,
                    to: "config/origins.d/\(file).json"
                )
            }
            for name in ["example.com/team/app:1", "example.com:8443/team/app:1"] {
                let arguments = ["--local-config=\(rkt.scratch("config"))", "fetch", name]
                let refused = try rkt(["--insecure-options=http"] + arguments, within: 60)
                #expect(refused.code == 254, "\(refused)")
                let fetched = try rkt([insecure] + arguments, within: 60)
                #expect(fetched.succeeded, "\(fetched)")
            }
            let list = try rkt("image", "list", "--no-legend", "--fields=name")
            let registryName = registry.authority.replacing(":", with: "_")
            #expect(
                Set(list.lines) == [
                    "example.com/team/app:1", "example.com_8443/team/app:1",
                    "\(registryName)/mirror/team/app:1",
                ]
            )
            for name in ["example.com/team/app:1", "example.com:8443/team/app"] {
                let run = try rkt("run", "--net=none", "--pull-policy=never", name)
                #expect(run.text == "moved", "\(run)")
            }
            #expect(try rkt("image", "rm", "example.com/team/app:1").succeeded)
            #expect(try rkt("image", "list", "--no-legend").output.isEmpty)
        }

        /// The rules for the name that was typed hold, not only those for where it leads to.
        @Test func theRuleForTheNameHoldsForWhereItLeadsTo() throws {
            let registry = try Registry()
            try registry.push(try OCIImage().write(in: rkt.scratch), to: "mirror/team/app:1")
            try rkt.scratch.write(
                #"{"rktKind":"origin","rktVersion":"v1","prefix":"example.com/team","registry":"\#(registry.authority)/mirror/team"}"#,
                to: "config/origins.d/a.json"
            )
            try rkt.scratch.write(
                #"{"rktKind":"policy","rktVersion":"v1","prefix":"example.com","requirement":"reject"}"#,
                to: "config/policy.d/a.json"
            )
            let outcome = try rkt(
                insecure,
                "--local-config=\(rkt.scratch("config"))",
                "fetch",
                "example.com/team/app:1",
                within: 60
            )
            #expect(outcome.code == 254 && outcome.errors.contains("example.com"), "\(outcome)")
            #expect(try !rkt("image", "list").output.contains("example.com/team"))
        }

        /// Docker's registry has several names; the one that was typed finds its image again.
        @Test func anotherSpellingOfARegistryFindsTheImage() throws {
            let registry = try Registry()
            let image = try OCIImage(config: ["Cmd": ["/bin/echo", "ran"]])
            try registry.push(try image.write(in: rkt.scratch), to: "library/app:1")
            try rkt.scratch.write(
                #"{"rktKind":"registry","rktVersion":"v1","registries":["docker.io"],"mirrors":["\#(registry.authority)"]}"#,
                to: "config/registries.d/a.json"
            )
            try rkt.scratch.write(
                #"{"rktKind":"registry","rktVersion":"v1","registries":["\#(registry.authority)"],"plainHTTP":true}"#,
                to: "config/registries.d/b.json"
            )
            try rkt.scratch.write(
                #"{"rktKind":"origin","rktVersion":"v1","prefix":"index.docker.io","registry":"index.docker.io"}"#,
                to: "config/origins.d/a.json"
            )
            let name = "index.docker.io/library/app:1"
            let config = "--local-config=\(rkt.scratch("config"))"
            let run = try rkt("--insecure-options=image", config, "run", "--net=none", name)
            #expect(run.text == "ran", "\(run)")
            for name in [name, "docker.io/library/app:1", "app:1"] {
                let again = try rkt("run", "--net=none", "--pull-policy=never", name)
                #expect(again.text == "ran", "\(again)")
            }
        }

        @Test func eventsForProgramsAndABarForPeople() throws {
            let registry = try Registry()
            let image = try OCIImage().write(in: rkt.scratch)
            try registry.push(image, to: "app:1")
            let reference = "docker://\(registry.authority)/app:1"
            let quiet = try rkt(insecure, "fetch", reference)
            #expect(quiet.succeeded && !quiet.errors.contains("["), "\(quiet)")
            let other = try Rkt()
            let events = try other(insecure, "fetch", "--format=json", reference)
            let lines = try events.errors.split(separator: "\n").map { try JSON.parse(String($0)) }
            #expect(lines.contains { $0["done"] != nil && $0["done"] == $0["total"] }, "\(events)")
            #expect(lines.last?["stored"] != nil, "\(events)")
            let third = try Rkt()
            let command = "\(Rkt.program) --dir=\(third.data) \(insecure) fetch \(reference)"
            let bar = try Execution(["/usr/bin/script", "-qec", command, "/dev/null"])
                .finished(within: 60)
            #expect(bar.succeeded && bar.output.contains("[===="), "\(bar)")
        }
    }
}
