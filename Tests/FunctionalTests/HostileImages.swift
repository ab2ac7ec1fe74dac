import Foundation
import TestSupport
import Testing

extension Functional {
    /// Images that want more than to be unpacked.
    @Suite struct HostileImages {
        let rkt: Rkt
        let canary: String

        init() throws {
            rkt = try Rkt()
            canary = try rkt.scratch.write("untouched", to: "canary/file", mode: 0o600)
        }

        private func fetch(_ image: String, in data: String? = nil) throws -> Outcome {
            let directory = data.map { ["--dir=\($0)"] } ?? []
            return try rkt(directory + ["--insecure-options=image", "fetch", image], within: 60)
        }

        private func canaryIsUntouched() throws -> Bool {
            let mode = try tool("stat", "-c", "%a", canary)
            return File.read(canary) == "untouched" && mode == "600"
                && rkt.scratch.list("canary") == ["file"]
        }

        private var escapes: [(String, (inout TarArchive) -> Void)] {
            let (directory, file) = (rkt.scratch("canary"), canary)
            let up = "../../../../../../../../.."
            return [
                ("dots", { $0.add("\(up)\(file)", text: "x") }),
                ("absolute", { $0.add(file, text: "x") }),
                (
                    "symlink to a directory",
                    {
                        $0.add("link", .symbolicLink, link: directory)
                        $0.add("link/new", text: "x")
                    }
                ),
                (
                    "symlink to a file",
                    {
                        $0.add("link", .symbolicLink, link: file)
                        $0.add("link", text: "x")
                    }
                ),
                (
                    "symlink upwards",
                    {
                        $0.add("link", .symbolicLink, link: "\(up)\(directory)")
                        $0.add("link/new", text: "x")
                    }
                ),
                (
                    "hard link",
                    {
                        $0.add("hard", .hardLink, link: file)
                        $0.add("hard", text: "x")
                    }
                ),
                (
                    "hard link upwards",
                    {
                        $0.add("hard", .hardLink, link: "\(up)\(file)")
                        $0.add("hard", text: "x")
                    }
                ),
                (
                    "mode through a symlink",
                    {
                        $0.add("link", .symbolicLink, link: directory)
                        $0.add("link/", .directory, mode: 0o777)
                    }
                ),
                (
                    "the root is a symlink",
                    {
                        $0.add("./", .symbolicLink, link: directory)
                        $0.add("new", text: "x")
                    }
                ),
                (
                    "PAX path",
                    {
                        $0.addExtended([("path", "\(up)\(file)")])
                        $0.add("x", text: "x")
                    }
                ),
                (
                    "GNU name",
                    {
                        $0.add("././@LongLink", .longName, contents: Data("\(up)\(file)\u{0}".utf8))
                        $0.add("x", text: "x")
                    }
                ),
                ("whiteout upwards", { $0.add("\(up)\(directory)/.wh.file", text: "") }),
                ("whiteout of dots", { $0.add("a/.wh...", text: "") }),
            ]
        }

        /// R1, R11: nothing outside the layer is written, whether the image is refused or not.
        @Test func noLayerReachesOutside() throws {
            for (number, (name, plant)) in escapes.enumerated() {
                var layer = TarArchive()
                plant(&layer)
                let image = OCIImage(layers: [layer])
                let outcome = try fetch(try image.write(in: rkt.scratch, as: "layout-\(number)"))
                #expect(!outcome.isTimedOut && outcome.code != 132, "\(name): \(outcome)")
                #expect(try canaryIsUntouched(), "\(name)")
            }
        }

        @Test func noACIReachesOutside() throws {
            for (number, (name, plant)) in escapes.enumerated() {
                var layer = TarArchive()
                layer.add("rootfs/", .directory)
                plant(&layer)
                let aci = ACI("example.com/e\(number)", archive: layer)
                let outcome = try fetch(try aci.write(in: rkt.scratch, as: "\(number).aci"))
                #expect(!outcome.isTimedOut && outcome.code != 132, "\(name): \(outcome)")
                #expect(try canaryIsUntouched(), "\(name)")
            }
        }

        /// A layer acts through what the one below planted.
        @Test func twoLayersReachNoFurtherThanOne() throws {
            var lower = TarArchive()
            lower.add("link", .symbolicLink, link: rkt.scratch("canary"))
            var upper = TarArchive()
            upper.add("link/new", text: "x")
            let image = try OCIImage()
            let layers = OCIImage(layers: image.layers + [lower, upper])
            let name = try layers.write(in: rkt.scratch)
            _ = try fetch(name)
            _ = try rkt("run", "--net=none", name, "--exec=/bin/true")
            #expect(try canaryIsUntouched())
        }

        /// R13: an image brings no devices.
        @Test func devicesInImagesAreNotMade() throws {
            var image = try OCIImage()
            var layer = TarArchive()
            layer.add("disk", .blockDevice, mode: 0o666, device: (7, 0))
            layer.add("whiteout", .characterDevice, mode: 0o666, device: (0, 0))
            image.layers.append(layer)
            let name = try image.write(in: rkt.scratch)
            guard try fetch(name).succeeded else { return }
            let outcome = try rkt.probe(["--stat=/disk", "--open=/disk"], image: name)
            #expect(outcome.facts["open./disk"] != "ok", "\(outcome)")
        }

        /// R9: what was promised is what arrives.
        @Test func wrongDigestsAreRefused() throws {
            var wrongDiff = try OCIImage()
            wrongDiff.claimedDiffIDs = ["sha256:" + String(repeating: "0", count: 64)]
            let first = try fetch(try wrongDiff.write(in: rkt.scratch, as: "diff"))
            #expect(first.code == 254, "\(first)")

            let name = try OCIImage().write(in: rkt.scratch, as: "blob")
            for blob in rkt.scratch.list("blob/blobs/sha256") {
                try tool("sh", "-c", "printf x >> '\(rkt.scratch("blob/blobs/sha256/\(blob)"))'")
            }
            let second = try fetch(name)
            #expect(second.code == 254, "\(second)")
            #expect(try rkt("image", "list", "--no-legend").lines.isEmpty)
        }

        @Test(arguments: [
            "sha256:../../etc/passwd", "sha256:ZZ", "md5:d41d8cd98f00b204e9800998ecf8427e", "x",
        ])
        func digestsAreNotPaths(_ digest: String) throws {
            var image = try OCIImage()
            image.manifestOverrides["layers"] = [
                [
                    "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest,
                    "size": 1,
                ]
            ]
            let outcome = try fetch(try image.write(in: rkt.scratch))
            #expect(outcome.code == 254, "\(outcome)")
        }

        @Test func aManifestIsNotAnIndexToo() throws {
            var image = try OCIImage()
            image.manifestOverrides["manifests"] = []
            #expect(try fetch(try image.write(in: rkt.scratch)).code == 254)
        }

        /// The files of a layout are files.
        @Test func layoutsDoNotPointElsewhere() throws {
            let name = try OCIImage().write(in: rkt.scratch)
            let index = rkt.scratch("layout/index.json")
            try tool("sh", "-c", "mv '\(index)' '\(rkt.scratch("elsewhere"))'")
            try tool("ln", "-s", rkt.scratch("elsewhere"), index)
            #expect(try fetch(name).code == 254)
        }

        @Test(arguments: [
            #"{"acKind":"ImageManifest","acKind":"ImageManifest","acVersion":"0.8.11","name":"a.b/c"}"#,
            #"{"acKind":"PodManifest","acVersion":"0.8.11","name":"a.b/c"}"#, "{", "", "null", "[]",
            #"{"acKind":"ImageManifest","acVersion":"0.8.11","name":"../../x"}"#,
            #"{"acKind":"ImageManifest","acVersion":"0.8.11","name":"A B"}"#,
            #"{"acKind":"ImageManifest","acVersion":"0.8.11","name":"a.b/c","app":{"exec":"no list"}}"#,
        ])
        func wrongManifestsAreRefused(_ manifest: String) throws {
            var archive = TarArchive()
            archive.add("manifest", text: manifest)
            archive.add("rootfs/", .directory)
            let outcome = try fetch(
                try rkt.scratch.write(archive.data, to: "wrong.aci").description
            )
            #expect(outcome.code == 254, "\(outcome)")
        }

        @Test func deeplyNestedManifestsAreRefused() throws {
            let depth = 100_000
            let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            var archive = TarArchive()
            archive.add("manifest", text: text)
            archive.add("rootfs/", .directory)
            let outcome = try fetch(try rkt.scratch.write(archive.data, to: "deep.aci"))
            #expect(outcome.code == 254, "\(outcome)")
        }

        /// One archive, one meaning.
        @Test func archivesBesideTheFormatAreRefused() throws {
            let manifest = try ACI("example.com/x", archive: TarArchive()).manifest()
            func refuses(_ name: String, _ make: (inout TarArchive) -> Void) throws {
                var archive = TarArchive()
                make(&archive)
                let outcome = try fetch(try rkt.scratch.write(archive.data, to: "odd.aci"))
                #expect(outcome.code == 254, "\(name): \(outcome)")
            }
            try refuses("two manifests") {
                $0.add("manifest", contents: manifest, mode: 0o644)
                $0.add("manifest", contents: manifest, mode: 0o644)
                $0.add("rootfs/", .directory)
            }
            try refuses("manifest is a link") {
                $0.add("manifest", .symbolicLink, link: "/etc/shadow")
                $0.add("rootfs/", .directory)
            }
            try refuses("more beside") {
                $0.add("manifest", contents: manifest, mode: 0o644)
                $0.add("rootfs/", .directory)
                $0.add("beside", text: "x")
            }
            try refuses("no root") { $0.add("manifest", contents: manifest, mode: 0o644) }
        }

        @Test func truncatedFilesAreRefused() throws {
            let whole = try ACI().write(in: rkt.scratch, .gzip)
            let bytes = try #require(File.data(whole))
            for part in [1, 10, 511, bytes.count / 2, bytes.count - 1] {
                let file = try rkt.scratch.write(bytes.prefix(part), to: "part.aci")
                let outcome = try fetch(file)
                #expect(outcome.code == 254, "\(part) of \(bytes.count): \(outcome)")
            }
            #expect(try rkt("image", "list", "--no-legend").lines.isEmpty)
        }

        /// R10: what is claimed is counted before it is written.
        @Test(.tags(.slow)) func bombsDoNotFillTheDisk() throws {
            let disk = try SmallFileSystem(megabytes: 96)
            let data = "\(disk.path)/data"
            var holes = TarArchive()
            holes.add("huge", .sparse, sparse: 1 << 60)
            let image = try OCIImage(layers: [holes]).write(in: rkt.scratch, as: "holes")
            let outcome = try fetch(image, in: data)
            #expect(outcome.code == 254 && !outcome.isTimedOut, "\(outcome)")
            #expect(try disk.used() < 40 << 20)

            try tool(
                "sh",
                "-c",
                "head -c 1G /dev/zero | gzip -1 > '\(rkt.scratch("zeros.gz"))'"
            )
            var archive = TarArchive()
            archive.add("rootfs/", .directory)
            archive.add("rootfs/zeros", size: 1 << 30)
            let bomb = rkt.scratch("bomb.aci")
            let head = try ACI("example.com/bomb", archive: archive).write(in: rkt.scratch, as: "h")
            try tool(
                "sh",
                "-c",
                "(head -c -1024 '\(head)'; head -c 1G /dev/zero; head -c 1024 /dev/zero) | gzip -1 > '\(bomb)'"
            )
            let second = try fetch(bomb, in: data)
            #expect(second.code == 254 && !second.isTimedOut, "\(second)")
            #expect(try disk.used() < 40 << 20)
        }

        @Test(arguments: [24 << 20, 200 << 20])
        func aFullDiskIsCalledOneAndNothingStays(_ size: Int) throws {
            let disk = try SmallFileSystem(megabytes: 40)
            let data = "\(disk.path)/data"
            #expect(try fetch(try SharedFiles.busyboxACI.get(), in: data).succeeded)
            let before = try disk.used()
            var archive = TarArchive()
            archive.add("rootfs/", .directory)
            archive.add("rootfs/random", size: size)
            let head = try ACI("example.com/large", archive: archive).write(
                in: rkt.scratch,
                as: "h"
            )
            let file = rkt.scratch("large.aci")
            try tool(
                "sh",
                "-c",
                "(head -c -1024 '\(head)'; head -c \(size) /dev/urandom; head -c 1024 /dev/zero) > '\(file)'"
            )
            let outcome = try fetch(file, in: data)
            #expect(outcome.code == 254, "\(outcome)")
            #expect(outcome.errors.lowercased().contains("no space left"), "\(outcome)")
            #expect(!outcome.errors.contains("limit"), "\(outcome)")
            #expect(try disk.used() <= before + (64 << 10))
            let list = try Execution([Rkt.program, "--dir=\(data)", "image", "list", "--no-legend"])
            #expect(list.finished().lines.count == 1)
        }

        /// R12: attributes that steer overlayfs or the host stay out.
        @Test func onlyHarmlessAttributesAreKept() throws {
            var image = try OCIImage()
            var layer = TarArchive()
            layer.addExtended([
                ("SCHILY.xattr.trusted.overlay.redirect", "/etc"),
                ("SCHILY.xattr.user.overlay.opaque", "y"), ("SCHILY.xattr.user.kept", "yes"),
            ])
            layer.add("attributed/", .directory)
            image.layers.append(layer)
            let name = try image.write(in: rkt.scratch)
            let outcome = try fetch(name)
            guard outcome.succeeded else { return }
            let found = try tool(
                "sh",
                "-c",
                "find '\(rkt.data)/images' -name attributed -exec getfattr -d -m - {} + 2>/dev/null || true"
            )
            #expect(!found.contains("overlay.redirect"), "\(found)")
            #expect(!found.contains("user.overlay"), "\(found)")
        }
    }
}
