import Foundation
import TestSupport
import Testing

extension Functional {
    /// Images from and to registries.
    @Suite(.requires("docker-registry"), .requires("skopeo")) struct Registries {
        let rkt: Rkt

        init() throws { rkt = try Rkt() }

        private let insecure = "--insecure-options=image,http"

        private func fetch(
            _ arguments: String...,
            environment: [String: String]? = nil
        ) throws -> Outcome {
            try rkt([insecure, "fetch"] + arguments, environment: environment, within: 60)
        }

        private func image(_ name: String = "image", marks: [String] = ["one"]) throws -> String {
            var image = try OCIImage()
            for mark in marks {
                var layer = TarArchive()
                layer.add("marks/\(mark)", text: mark)
                image.layers.append(layer)
            }
            return try image.write(in: rkt.scratch, as: name)
        }

        @Test(arguments: ["docker://", "docker:"]) func anImageRunsWithoutMoreAdo(
            _ scheme: String
        ) throws {
            let registry = try Registry()
            try registry.push(try image(), to: "some/app:1")
            let reference = "\(scheme)\(registry.authority)/some/app:1"
            let outcome = try rkt(
                insecure,
                "run",
                "--net=none",
                reference,
                "--exec=/bin/cat",
                "--",
                "/marks/one",
                within: 60
            )
            #expect(outcome.text == "one", "\(outcome)")
        }

        @Test func registryImagesNeedAnExemption() throws {
            let registry = try Registry()
            try registry.push(try image(), to: "app:1")
            let outcome = try rkt(
                "--insecure-options=http",
                "fetch",
                "docker://\(registry.authority)/app:1"
            )
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains("--insecure-options=image"), "\(outcome)")
        }

        @Test func plainHTTPNeedsAnOptionOrAConfiguration() throws {
            let registry = try Registry()
            try registry.push(try image(), to: "app:1")
            let reference = "docker://\(registry.authority)/app:1"
            let refused = try rkt("--insecure-options=image", "fetch", reference)
            #expect(refused.code == 254, "\(refused)")
            try rkt.scratch.write(
                #"{"rktKind":"registry","rktVersion":"v1","registries":["\#(registry.authority)"],"plainHTTP":true}"#,
                to: "config/registries.d/local.json"
            )
            let allowed = try rkt(
                "--insecure-options=image",
                "--local-config=\(rkt.scratch("config"))",
                "fetch",
                reference
            )
            #expect(allowed.succeeded, "\(allowed)")
        }

        @Test(arguments: ["gzip", "zstd"]) func manyLayersPackedAnyWay(_ packing: String) throws {
            let registry = try Registry()
            let marks = (0..<12).map { "m\($0)" }
            try registry.push(
                try image(marks: marks),
                to: "app:1",
                "--dest-compress-format=\(packing)"
            )
            #expect(try fetch("docker://\(registry.authority)/app:1").succeeded)
            let facts = try rkt.probe(
                marks.map { "--read=/marks/\($0)" },
                image: "docker://\(registry.authority)/app:1"
            ).facts
            for mark in marks { #expect(facts["read./marks/\(mark)"] == mark) }
        }

        @Test func anUnchangedTagIsNotFetchedAgainAndAChangedOneIs() throws {
            let registry = try Registry()
            let reference = "docker://\(registry.authority)/app:1"
            try registry.push(try image("a", marks: ["a"]), to: "app:1")
            let first = try fetch(reference)
            #expect(try fetch(reference).text == first.text)
            try registry.push(try image("b", marks: ["b"]), to: "app:1")
            let second = try fetch(reference)
            #expect(second.succeeded && second.text != first.text, "\(second)")
            #expect(try fetch("--pull-policy=new", reference).text == second.text)
            #expect(
                try fetch("--pull-policy=never", "docker://\(registry.authority)/other").code == 254
            )
        }

        @Test func anImageByItsDigest() throws {
            let registry = try Registry()
            try registry.push(try image(), to: "app:1")
            let digest = try registry.skopeo(
                [
                    "inspect", "--tls-verify=false", "--format={{.Digest}}",
                    "docker://\(registry.authority)/app:1",
                ]
            )
            #expect(try fetch("docker://\(registry.authority)/app@\(digest)").succeeded)
            let wrong = "sha256:" + String(repeating: "0", count: 64)
            let outcome = try fetch("docker://\(registry.authority)/app@\(wrong)")
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains("not found"), "\(outcome)")
        }

        @Test func aPasswordOpensAPrivateRegistry() throws {
            let registry = try Registry(.basic(user: "me", password: "secret"))
            try registry.push(try image(), to: "app:1", "--dest-creds=me:secret")
            let reference = "docker://\(registry.authority)/app:1"
            let trusting = ["SSL_CERT_FILE": registry.authorityFile, "PATH": "/usr/bin:/bin"]
            func fetch(_ flags: [String], _ environment: [String: String]) throws -> Outcome {
                try rkt(
                    ["--insecure-options=image"] + flags + ["fetch", "--no-store", reference],
                    environment: environment.merging(["HOME": rkt.scratch.path]) { a, _ in a }
                )
            }
            let stranger = try fetch([], trusting)
            #expect(stranger.code == 254)
            #expect(stranger.errors.contains("no credentials"), "\(stranger)")
            let untrusting = try fetch([], ["PATH": "/usr/bin:/bin"])
            #expect(untrusting.errors.contains("certificate"), "\(untrusting)")

            try rkt.scratch.write(
                #"{"rktKind":"dockerAuth","rktVersion":"v1","registries":["\#(registry.authority)"],"credentials":{"user":"me","password":"secret"}}"#,
                to: "config/auth.d/registry.json"
            )
            let configured = try fetch(["--local-config=\(rkt.scratch("config"))"], trusting)
            #expect(configured.succeeded, "\(configured)")

            let auth = try tool("sh", "-c", "printf me:secret | base64")
            try rkt.scratch.write(
                #"{"auths":{"\#(registry.authority)":{"auth":"\#(auth)"}}}"#,
                to: ".docker/config.json"
            )
            #expect(try fetch([], trusting).succeeded)

            try rkt.scratch.write(
                #"{"credHelpers":{"\#(registry.authority)":"test"}}"#,
                to: ".docker/config.json"
            )
            try rkt.scratch.write(
                "#!/bin/sh\nread server\necho \"{\\\"Username\\\":\\\"me\\\",\\\"Secret\\\":\\\"secret\\\",\\\"ServerURL\\\":\\\"$server\\\"}\"\n",
                to: "bin/docker-credential-test",
                mode: 0o755
            )
            let helped = try fetch(
                [],
                trusting.merging(["PATH": "\(rkt.scratch("bin")):/usr/bin:/bin"]) { _, b in b }
            )
            #expect(helped.succeeded, "\(helped)")
        }

        @Test func aPushedImageIsTheSame() throws {
            let registry = try Registry()
            try registry.push(try image(marks: ["one", "two"]), to: "from/app:1")
            try rkt.fetchInsecurely("docker://\(registry.authority)/from/app:1")
            let target = try Registry()
            for place in [
                "\(target.authority)/to/app:2", "\(target.authority)/to/app:2",
                "\(registry.authority)/other:3",
            ] {
                let outcome = try rkt(
                    insecure,
                    "push",
                    "\(registry.authority.replacing(":", with: "_"))/from/app:1",
                    "docker://\(place)"
                )
                #expect(outcome.text.hasPrefix("sha256:"), "\(outcome)")
                let digest = try registry.skopeo([
                    "inspect", "--tls-verify=false", "--format={{.Digest}}", "docker://\(place)",
                ])
                #expect(digest == outcome.text)
            }
            try registry.skopeo([
                "copy", "-q", "--src-tls-verify=false", "docker://\(target.authority)/to/app:2",
                "dir:\(rkt.scratch("back"))",
            ])
        }

        /// Images that didn't come from a registry are packed anew.
        @Test func imagesFromDiskArePushed() throws {
            let registry = try Registry()
            let aci = try rkt.fetch(try SharedFiles.busyboxACI.get())
            let oci = try rkt.fetch(try image())
            for (id, place) in [(aci, "aci:1"), (oci, "oci:1"), (oci, "oci:1")] {
                let target = "docker://\(registry.authority)/\(place)"
                let outcome = try rkt(insecure, "push", id, target, within: 60)
                try #require(outcome.succeeded, "\(outcome)")
                let digest = try registry.skopeo([
                    "inspect", "--tls-verify=false", "--format={{.Digest}}", target,
                ])
                #expect(digest == outcome.text)
                let other = try Rkt()
                try other.fetchInsecurely(target)
                let run = try other("run", "--net=none", target, "--exec=/bin/echo", "--", "ran")
                #expect(run.text == "ran", "\(run)")
            }
            #expect(rkt.scratch.list("data/tmp").isEmpty)
        }

        @Test func anotherNameForAnImage() throws {
            try rkt.fetch(try image())
            #expect(try rkt("image", "tag", "image:latest", "quay.io/me/app:7").succeeded)
            let outcome = try rkt(
                "run",
                "--net=none",
                "quay.io/me/app:7",
                "--exec=/bin/echo",
                "--",
                "ran"
            )
            #expect(outcome.text == "ran", "\(outcome)")
            #expect(try rkt("image", "tag", "nothing", "x").code == 254)
        }

        @Test func twoProcessesDownloadAnImageOnce() throws {
            var noise = TarArchive()
            var bytes = Data(count: 8 << 20)
            for index in bytes.indices { bytes[index] = UInt8.random(in: 0...255) }
            noise.add("noise", contents: bytes)
            var image = try OCIImage()
            image.layers.append(noise)
            let registry = try Registry()
            try registry.push(try image.write(in: rkt.scratch), to: "app:1")
            let reference = "docker://\(registry.authority)/app:1"
            let both = try (0..<2).map { _ in try rkt.start([insecure, "fetch", reference]) }
            let ends = both.map { $0.finished(within: 90) }
            for end in ends { #expect(end.succeeded, "\(end)") }
            #expect(ends[0].text == ends[1].text)
            let blobs = registry.log.split(separator: "\n")
                .filter { $0.contains("GET /v2/app/blobs/") }
                .compactMap { $0.split(separator: " ").first { $0.contains("/blobs/") } }
            let counts = Dictionary(grouping: blobs) { $0 }.mapValues(\.count)
            // The configuration is small, and each of them asks for it.
            #expect(counts.count == 3 && counts.values.filter { $0 > 1 }.count <= 1, "\(counts)")
        }

        @Test func aMirrorIsAskedFirst() throws {
            let (registry, mirror) = (try Registry(), try Registry())
            try registry.push(try image("a", marks: ["far"]), to: "app:1")
            try mirror.push(try image("b", marks: ["near"]), to: "app:1")
            try rkt.scratch.write(
                #"{"rktKind":"registry","rktVersion":"v1","registries":["\#(registry.authority)"],"plainHTTP":true,"mirrors":["127.0.0.1:1","\#(mirror.authority)"]}"#,
                to: "config/registries.d/a.json"
            )
            try rkt.scratch.write(
                #"{"rktKind":"registry","rktVersion":"v1","registries":["\#(mirror.authority)"],"plainHTTP":true}"#,
                to: "config/registries.d/b.json"
            )
            let outcome = try rkt(
                "--insecure-options=image",
                "--local-config=\(rkt.scratch("config"))",
                "run",
                "--net=none",
                "docker://\(registry.authority)/app:1",
                "--exec=/bin/ls",
                "--",
                "/marks",
                within: 90
            )
            #expect(outcome.text == "near", "\(outcome)")
        }
    }
}

extension Rkt {
    /// Imports an image by plain http and without a signature.
    func fetchInsecurely(_ image: String) throws {
        let outcome = try self("--insecure-options=image,http", "fetch", image, within: 60)
        guard outcome.succeeded else { throw ToolFailure(outcome: outcome) }
    }
}
