import Foundation
import JSON
import TestSupport
import Testing

extension Functional {
    /// Images as directories of a user, and how much of the disk they may take.
    @Suite struct ImageTrees {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        private func hidden() -> [String] {
            rkt.scratch.list("").filter { $0.hasPrefix(".") }
        }

        @Test func extractMakesManifestAndRoot() throws {
            let out = rkt.scratch("out")
            #expect(try rkt("image", "extract", busybox, out).succeeded)
            #expect(rkt.scratch.list("out").sorted() == ["manifest", "rootfs"])
            let manifest = try rkt("image", "cat-manifest", "--pretty-print=false", busybox)
            #expect(rkt.scratch.read("out/manifest") == manifest.text)
            try tool("cmp", "/bin/busybox", "\(out)/rootfs/bin/busybox")
            #expect(try tool("readlink", "\(out)/rootfs/bin/sh").contains("busybox"))
            #expect(hidden().isEmpty)
        }

        @Test func theRootAloneIsTheDirectory() throws {
            for verb in ["extract", "render"] {
                let outcome = try rkt("image", verb, "--rootfs-only", busybox, "root-\(verb)")
                #expect(outcome.succeeded, "\(outcome)")
                #expect(rkt.scratch.list("root-\(verb)").contains("bin"))
                #expect(!rkt.scratch.list("root-\(verb)").contains("manifest"))
            }
            #expect(hidden().isEmpty)
        }

        @Test func whatIsThereStaysUnlessItMayBeReplaced() throws {
            try rkt.scratch.write("mine", to: "out/file")
            let refused = try rkt("image", "extract", busybox, "out/")
            #expect(refused.code == 254 && refused.errors.contains("--overwrite"), "\(refused)")
            #expect(rkt.scratch.list("out") == ["file"])
            #expect(try rkt("image", "extract", "--overwrite", busybox, "out").succeeded)
            #expect(rkt.scratch.list("out").sorted() == ["manifest", "rootfs"])
            #expect(hidden().isEmpty)
        }

        @Test func linksAndFilesAreNotReplaced() throws {
            try rkt.scratch.write("mine", to: "real/file")
            try tool("ln", "-s", "real", rkt.scratch("link"))
            try rkt.scratch.write("mine", to: "plain")
            for target in ["link", "plain", "/", "..", "missing/out"] {
                let outcome = try rkt("image", "extract", "--overwrite", busybox, target)
                #expect(outcome.code == 254, "\(target): \(outcome)")
            }
            #expect(rkt.scratch.read("real/file") == "mine")
            #expect(rkt.scratch.read("plain") == "mine")
            #expect(hidden().isEmpty)
        }

        @Test func aFullDiskLeavesNothing() throws {
            let small = try SmallFileSystem(megabytes: 1)
            let target = "\(small.path)/out"
            let outcome = try rkt("image", "extract", busybox, target)
            #expect(outcome.code == 254, "\(outcome)")
            #expect(File.list(small.path).filter { $0 != "lost+found" }.isEmpty)
        }

        @Test func anOCIImageIsALLItsLayers() throws {
            var image = try OCIImage()
            var upper = TarArchive()
            upper.add(".wh.root", text: "")
            upper.add("new", text: "new")
            image.layers.append(upper)
            let name = try image.write(in: rkt.scratch)
            let id = try rkt.fetch(name)
            #expect(try rkt("image", "render", id, "out").succeeded)
            #expect(rkt.scratch.read("out/rootfs/new") == "new")
            #expect(!rkt.scratch.list("out/rootfs").contains("root"))
            #expect(rkt.scratch.read("out/manifest")?.contains("rootfs") == true)
        }

        @Test func fetchIsAlsoAnImageCommand() throws {
            let outcome = try rkt(
                "--insecure-options=image",
                "image",
                "fetch",
                "--full",
                try SharedFiles.busyboxACI.get()
            )
            #expect(outcome.succeeded && outcome.text.hasPrefix("sha512-"), "\(outcome)")
            #expect(try rkt("image", "fetch", "--help").output.contains("pull-policy"))
        }

        @Test func theLongestUnusedGoUntilTheRestFits() throws {
            for name in ["one", "two", "three"] {
                var archive = TarArchive()
                archive.add("rootfs/", .directory)
                archive.add("rootfs/data", contents: Data(count: 1 << 20))
                archive.add("rootfs/name", text: name)
                let aci = ACI("example.com/\(name)", archive: archive)
                try rkt.fetch(try aci.write(in: rkt.scratch, as: "\(name).aci"))
            }
            let ids = try rkt("image", "list", "--full", "--no-legend", "--fields=id,name")
            func used(_ name: String, _ date: String) throws {
                let line = try #require(ids.lines.first { $0.contains("/\(name):") })
                let id = line.split(separator: "\t")[0]
                try tool("touch", "-d", date, "\(rkt.data)/images/index/used/\(id)")
            }
            try used("two", "2020-01-01")
            try used("three", "2021-01-01")
            try used("one", "2022-01-01")
            try used("busybox", "2019-01-01")
            // A pod has the oldest: it stays.
            let uuid = try rkt.prepare([busybox])
            let size = try tool("stat", "-c", "%s", "/bin/busybox").trimmingCharacters(
                in: .whitespacesAndNewlines
            )
            let probe = try tool("stat", "-c", "%s", Rkt.probe).trimmingCharacters(
                in: .whitespacesAndNewlines
            )
            let limit = (Int(size) ?? 0) + (Int(probe) ?? 0) + 2_500_000
            let gc = try rkt("image", "gc", "--keep-storage=\(limit)", "--format=json")
            let record = try JSON.parse(Array(gc.output.utf8))
            let names = record["removed"]?.array?.compactMap { $0["name"]?.string }
            #expect(names == ["example.com/two:1.0.0"], "\(gc)")
            #expect(record["removed"]?.array?.first?["freed"]?.integer ?? 0 >= 1 << 20)
            #expect((record["kept"]?.integer ?? .max) <= limit)
            let all = try rkt("image", "gc", "--keep-storage=0")
            #expect(all.succeeded && all.errors.contains("used by pods"), "\(all)")
            #expect(try rkt("image", "list", "--no-legend").lines.count == 1)
            #expect(try rkt("rm", uuid).succeeded)
            #expect(try rkt("image", "gc", "--keep-storage=much").code == 254)
        }
    }
}
