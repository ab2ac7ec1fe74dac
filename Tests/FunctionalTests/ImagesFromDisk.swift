import Foundation
import TestSupport
import Testing

extension Functional {
    /// Images made by the tools people use, imported and run.
    @Suite struct ImagesFromDisk {
        let rkt: Rkt

        init() throws { rkt = try Rkt() }

        private func echo(_ image: String) throws -> Outcome {
            try rkt("run", "--net=none", image, "--exec=/bin/echo", "--", "ran")
        }

        /// Detected by content: the names all end alike.
        @Test(arguments: ACI.Packing.allCases) func packedACIs(_ packing: ACI.Packing) throws {
            let file = try ACI().write(in: rkt.scratch, packing)
            let id = try rkt.fetch(file)
            let plain = try SharedFiles.busyboxACI.get()
            let sum = try tool("sha512sum", plain).prefix(64)
            #expect(id == "sha512-\(sum.prefix(32))")
            #expect(
                try rkt("fetch", "--full", "--insecure-options=image", file).text == "sha512-\(sum)"
            )
            #expect(try echo(busybox).text == "ran")
            #expect(try echo(String(id.prefix(16))).text == "ran")
        }

        @Test func anACINeedsItsSignatureOrAnExemption() throws {
            let outcome = try rkt("fetch", try SharedFiles.busyboxACI.get())
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains("--insecure-options=image"), "\(outcome)")
        }

        @Test func aFileRunsWithoutBeingFetchedFirst() throws {
            let outcome = try rkt(
                "--insecure-options=image",
                "run",
                "--net=none",
                try SharedFiles.busyboxACI.get(),
                "--exec=/bin/echo",
                "--",
                "ran"
            )
            #expect(outcome.text == "ran", "\(outcome)")
        }

        @Test func anOCILayout() throws {
            let image = try SharedFiles.busyboxOCI.get()
            let id = try rkt.fetch(image)
            #expect(id.hasPrefix("sha256-"))
            #expect(try echo(image).text == "ran")
            #expect(try echo(String(id.prefix(20))).text == "ran")
        }

        @Test(.requires("skopeo"), arguments: ["docker-archive", "oci-archive", "oci"])
        func whatSkopeoWrites(_ transport: String) throws {
            let target = "\(transport):\(rkt.scratch("copy")):example.com/x:1"
            try tool(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--quiet",
                try SharedFiles.busyboxOCI.get(),
                target
            )
            try rkt.fetch(target)
            #expect(try echo(target).text == "ran")
        }

        @Test(.requires("skopeo"), arguments: ["gzip", "zstd"])
        func packedLayers(_ packing: String) throws {
            let target = "oci:\(rkt.scratch("packed")):x"
            try tool(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--quiet",
                "--dest-compress",
                "--dest-compress-format",
                packing,
                try SharedFiles.busyboxOCI.get(),
                target
            )
            try rkt.fetch(target)
            #expect(try echo(target).text == "ran")
        }

        @Test(.requires("buildah")) func whatBuildahWrites() throws {
            let root = rkt.scratch("storage")
            let buildah = [
                "buildah", "--root", root, "--runroot", rkt.scratch("run"), "--storage-driver",
                "vfs",
            ].joined(separator: " ")
            let tree = try BusyboxTree.path.get()
            let script = """
                c=$(\(buildah) from scratch)
                \(buildah) copy -q $c \(tree) / >/dev/null
                \(buildah) config --cmd '["/bin/echo","from cmd"]' --env A=b --workingdir /home/user $c
                \(buildah) commit -q $c oci:\(rkt.scratch("built")):x >/dev/null
                \(buildah) rm $c >/dev/null
                """
            try tool("sh", "-ec", script)
            let image = "oci:\(rkt.scratch("built")):x"
            try rkt.fetch(image)
            #expect(try rkt("run", "--net=none", image).text == "from cmd")
            let facts = try rkt.probe(["--facts=env,cwd"], image: image).facts
            #expect(facts["env.A"] == "b")
            #expect(facts["cwd"] == "/home/user")
        }

        @Test(.requires("umoci")) func whatUmociWrites() throws {
            let layout = rkt.scratch("umoci")
            let tree = try BusyboxTree.path.get()
            let script = """
                umoci init --layout \(layout); umoci new --image \(layout):x
                umoci insert --image \(layout):x \(tree) /
                mkdir -p \(rkt.scratch("more/gone")); echo two > \(rkt.scratch("more/second"))
                umoci insert --image \(layout):x \(rkt.scratch("more")) /more
                umoci insert --image \(layout):x --whiteout /home
                umoci config --image \(layout):x --config.entrypoint /bin/echo --config.cmd default
                """
            try tool("sh", "-ec", script)
            let image = "oci:\(layout):x"
            try rkt.fetch(image)
            #expect(try rkt("run", "--net=none", image).text == "default")
            let facts = try rkt.probe(["--read=/more/second", "--stat=/home"], image: image).facts
            #expect(facts["read./more/second"] == "two")
            #expect(facts["stat./home"] == "ENOENT")
        }

        @Test func whiteoutsAndOpaqueDirectories() throws {
            var image = try OCIImage()
            var lower = TarArchive()
            for name in ["kept/a", "opaque/old", "gone/x"] { lower.add(name, text: name) }
            var upper = TarArchive()
            upper.add(".wh.gone", text: "")
            upper.add("opaque/", .directory)
            upper.add("opaque/.wh..wh..opq", text: "")
            upper.add("opaque/new", text: "new")
            image.layers += [lower, upper]
            let name = try image.write(in: rkt.scratch)
            try rkt.fetch(name)
            for flags in [[], ["--no-overlay"]] {
                let facts = try rkt.probe(
                    ["--list=/opaque", "--stat=/gone", "--read=/kept/a"],
                    image: name,
                    pod: flags
                ).facts
                #expect(facts["list./opaque"] == "new")
                #expect(facts["stat./gone"] == "ENOENT")
                #expect(facts["read./kept/a"] == "kept/a")
            }
        }

        @Test func theTreeIsWhatTheArchiveSays() throws {
            var image = try OCIImage()
            var layer = TarArchive()
            layer.add("files/", .directory, mode: 0o1777)
            layer.add("files/setuid", contents: .init([1]), mode: 0o4755, owner: (7, 8))
            layer.add("files/hard", .hardLink, link: "files/setuid")
            layer.add("files/soft", .symbolicLink, link: "setuid")
            layer.addExtended([("path", "files/" + String(repeating: "n", count: 200))])
            layer.add("short", text: "long name")
            image.layers.append(layer)
            let name = try image.write(in: rkt.scratch)
            try rkt.fetch(name)
            let long = "/files/" + String(repeating: "n", count: 200)
            let outcome = try rkt.probe(
                [
                    "--stat=/files", "--stat=/files/setuid", "--stat=/files/hard",
                    "--link=/files/soft",
                ]
                    + ["--read=\(long)"],
                image: name
            )
            #expect(outcome.facts["stat./files"]?.hasPrefix("mode:41777") == true, "\(outcome)")
            #expect(
                outcome.facts["stat./files/setuid"]?.hasPrefix("mode:104755 uid:7 gid:8") == true
            )
            #expect(outcome.facts["stat./files/hard"] == outcome.facts["stat./files/setuid"])
            #expect(outcome.facts["link./files/soft"] == "setuid")
            #expect(outcome.facts["read.\(long)"] == "long name")
        }

        @Test func layersAreStoredOnce() throws {
            var one = try OCIImage()
            one.config["Env"] = ["A=1"]
            var two = one
            two.config["Env"] = ["A=2"]
            try rkt.fetch(try one.write(in: rkt.scratch, as: "one"))
            let layers = rkt.scratch.list("data/images/layers")
            try rkt.fetch(try two.write(in: rkt.scratch, as: "two"))
            #expect(rkt.scratch.list("data/images/layers") == layers)
            #expect(try rkt("image", "list", "--no-legend").lines.count == 2)
        }

        @Test(arguments: [("plan9", "amd64"), ("linux", "s390x"), ("linux", "vax")])
        func imagesForOtherMachinesAreRefused(_ os: String, _ arch: String) throws {
            var aci = try ACI()
            aci.labels = ["os": os, "arch": arch]
            let outcome = try rkt(
                "--insecure-options=image",
                "run",
                "--net=none",
                try aci.write(in: rkt.scratch),
                "--exec=/bin/true"
            )
            #expect(outcome.code == 254, "\(outcome)")
        }
    }
}
