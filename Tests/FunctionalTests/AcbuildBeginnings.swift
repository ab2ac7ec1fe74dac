import Foundation
import TestSupport
import Testing

extension Functional {
    /// What a build can begin with, and how it is signed in the end.
    @Suite(.enabled(if: File.exists(Builder.program), "needs the release programs: make build"))
    struct AcbuildBeginnings {
        private static let flags = ["--insecure-options=image,http"]

        /// Begins a build with a busybox, changes it, and runs what was written.
        private static func build(
            from start: String,
            _ format: String,
            in builder: Builder,
            flags: [String] = flags
        ) throws -> String {
            let file = "\(format)-\(UUID().uuidString.prefix(8)).image"
            try builder.all([
                flags + ["begin", "--build-mode=\(format)", start],
                ["set-name", "example.com/begun-\(format)"], ["copy", "added", "/added"],
                ["set-exec", "--", "/bin/sh", "-c", "cat /added"], ["write", file], ["end"],
            ])
            let image = format == "oci" ? "oci-archive:\(file)" : builder.scratch(file)
            return try builder.rkt(["--insecure-options=image", "run", "--net=none", image]).output
        }

        private static func builder() throws -> Builder {
            let builder = try Builder()
            try builder.scratch.write("begun\n", to: "added")
            return builder
        }

        @Test(arguments: ["appc", "oci"])
        func filesAndDirectories(_ format: String) throws {
            let builder = try Self.builder()
            let layout = try OCIImage().write(in: builder.scratch)
            let script = """
                cp '\(try SharedFiles.busyboxACI.get())' a.aci
                (cd layout && tar -cf ../a.oci .)
                mkdir tree && tar -xf a.aci -C tree --strip-components=1 rootfs
                (cd tree && tar -czf ../rootfs.tgz . && tar -cf ../plain.tar *)
                """
            try tool("sh", "-ec", "cd '\(builder.scratch.path)' && \(script)")
            let starts = [
                "./a.aci", "./a.oci", "./tree", "./rootfs.tgz", "./plain.tar", "./layout", layout,
                "oci-archive:a.oci",
            ]
            for start in starts {
                let output = try Self.build(from: start, format, in: builder, flags: [])
                #expect(output == "begun\n", "\(start)")
            }
            try builder.scratch.write("no archive at all", to: "text")
            let text = try builder("begin", "./text")
            #expect(text.code == 1 && !File.exists(builder.scratch(".acbuild")), "\(text)")
        }

        @Test(.requires("docker-registry"), .requires("skopeo"), arguments: ["appc", "oci"])
        func registries(_ format: String) throws {
            let builder = try Self.builder()
            let registry = try Registry()
            try registry.push(try OCIImage().write(in: builder.scratch), to: "some/base:1")
            for scheme in ["docker://", "docker:"] {
                let start = "\(scheme)\(registry.authority)/some/base:1"
                #expect(try Self.build(from: start, format, in: builder) == "begun\n")
                let insecure = try builder(
                    ["begin", "--insecure", "--build-mode=\(format)", start]
                )
                #expect(insecure.succeeded, "\(insecure)")
                try builder.all([["end"]])
                let refused = try builder("--insecure-options=http", "begin", start)
                #expect(refused.code == 1 && refused.errors.contains("aren't signed"), "\(refused)")
            }
        }

        @Test(arguments: ["appc", "oci"]) func urls(_ format: String) throws {
            let builder = try Self.builder()
            let keys = try KeyRing()
            try keys.makeKey("Signer <s@example.com>")
            let file = builder.scratch("a.aci")
            try tool("cp", try SharedFiles.busyboxACI.get(), file)
            try keys.sign(file, by: "Signer <s@example.com>")
            try keys.export("Signer <s@example.com>", to: builder.scratch("key"))
            let content = try #require(File.data(file))
            let signature = try #require(File.data(file + ".asc"))
            let server = try ScriptedServer { request in
                switch request.path {
                case "/a.aci", "/unsigned.aci": .file(content, to: request)
                case "/a.aci.asc": .file(signature, to: request)
                default: .init(404, "")
                }
            }
            #expect(try Self.build(from: server.url("/a.aci"), format, in: builder) == "begun\n")
            let plain = try builder("begin", server.url("/a.aci"))
            #expect(plain.code == 1 && plain.errors.contains("http"), "\(plain)")
            // What is signed needs no waiver, and what should be and isn't is refused.
            let trusting = [
                "--local-config=\(builder.scratch("etc"))", "--insecure-options=http",
            ]
            let untrusted = try builder(trusting + ["begin", server.url("/a.aci")])
            #expect(untrusted.code == 1, "\(untrusted)")
            let trust = try builder.rkt([
                trusting[0], "trust", "--prefix=example.com", "--skip-fingerprint-review",
                builder.scratch("key"),
            ])
            #expect(trust.succeeded, "\(trust)")
            let output = try Self.build(
                from: server.url("/a.aci"),
                format,
                in: builder,
                flags: trusting
            )
            #expect(output == "begun\n")
            let unsigned = try builder(trusting + ["begin", server.url("/unsigned.aci")])
            #expect(
                unsigned.code == 1 && unsigned.errors.contains("there is no signature"),
                "\(unsigned)"
            )
            #expect(!File.exists(builder.scratch(".acbuild")))
        }

        /// The layers of a base from a registry stay what they are: whoever has them needn't fetch them again.
        @Test(.requires("docker-registry"), .requires("skopeo"))
        func layersOfABaseKeepTheirDigests() throws {
            let builder = try Self.builder()
            let registry = try Registry()
            var image = try OCIImage()
            var second = TarArchive()
            second.add("marks/two", text: "2")
            image.layers.append(second)
            try registry.push(
                try image.write(in: builder.scratch),
                to: "base:1",
                "--dest-compress-format=gzip"
            )
            let base = "docker://\(registry.authority)/base:1"
            func layers(_ image: String) throws -> (blobs: [String], diffIDs: [String]) {
                let flags = ["inspect", "--tls-verify=false"]
                let raw = try registry.skopeo(flags + ["--raw", image])
                let config = try registry.skopeo(flags + ["--config", image])
                func object(_ text: String) throws -> [String: Any] {
                    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
                    return value as? [String: Any] ?? [:]
                }
                let blobs = try object(raw)["layers"] as? [[String: Any]] ?? []
                let rootfs = try object(config)["rootfs"] as? [String: Any] ?? [:]
                return (
                    blobs.compactMap { $0["digest"] as? String },
                    rootfs["diff_ids"] as? [String] ?? []
                )
            }
            let expected = try layers(base)
            try #require(expected.blobs.count == 2)
            try builder.all([
                Self.flags + ["begin", "--build-mode=oci", base], ["copy", "added", "/added"],
                ["set-exec", "/bin/sh"], ["write", "--compression=zstd", "oci:written"], ["end"],
            ])
            let context = builder.scratch("context")
            try builder.scratch.write("FROM \(base)\nCOPY a /a\n", to: "context/Containerfile")
            try builder.scratch.write("a", to: "context/a")
            try builder.all([Self.flags + ["build", "--output=oci:built", context]])
            // From rkt's store too.
            #expect(try builder.rkt(Self.flags + ["fetch", base]).succeeded)
            try builder.all([
                Self.flags + ["begin", "--build-mode=oci", base], ["copy", "added", "/added"],
                ["set-exec", "/bin/sh"], ["write", "oci:stored"], ["end"],
            ])
            for layout in ["written", "built", "stored"] {
                let found = try layers("oci:\(builder.scratch(layout))")
                #expect(Array(found.blobs.prefix(2)) == expected.blobs, "\(layout)")
                #expect(Array(found.diffIDs.prefix(2)) == expected.diffIDs, "\(layout)")
                #expect(found.blobs.count == 3)
            }
        }

        @Test func whatIsSignedIsVerified() throws {
            let builder = try Self.builder()
            let signer = "Builder <b@example.com>"
            let keys = try KeyRing()
            try keys.makeKey(signer)
            try keys.export(signer, to: builder.scratch("key.asc"))
            try keys.gpg(["--output", builder.scratch("key.gpg"), "--export", "=\(signer)"])
            try builder.all([["begin"], ["set-name", "example.com/signed"]])
            let write =
                ["write", "--sign", "signed.aci", "--", "--homedir", keys.path, "--batch"]
                + ["--pinentry-mode=loopback", "--passphrase=", "--local-user", "=\(signer)"]
            try builder.all([write])
            let (file, signature) = (
                builder.scratch("signed.aci"), builder.scratch("signed.aci.asc")
            )
            #expect(File.read(signature)?.hasPrefix("-----BEGIN PGP SIGNATURE-----") == true)
            try tool("gpgv", "--keyring", builder.scratch("key.gpg"), signature, file)
            let config = "--local-config=\(builder.scratch("etc"))"
            #expect(try builder.rkt(config, "fetch", file).code == 254)
            try builder.rkt([
                config, "trust", "--prefix=example.com", "--skip-fingerprint-review",
                builder.scratch("key.asc"),
            ])
            let fetch = try builder.rkt(config, "fetch", file)
            #expect(fetch.succeeded && fetch.errors.contains("signature verified"), "\(fetch)")
            let twice = try builder(write)
            #expect(twice.code == 1 && twice.errors.contains("already exists"), "\(twice)")
            try builder.all([["write", "--overwrite"] + write.dropFirst()])
            try tool("gpgv", "--keyring", builder.scratch("key.gpg"), signature, file)
            let failed = try builder([
                "write", "--sign", "other.aci", "--", "--homedir", keys.path, "--local-user=nobody",
            ])
            #expect(failed.code == 1 && !File.exists(builder.scratch("other.aci.asc")), "\(failed)")
            try builder.all([["end"]])
        }
    }
}
