import Foundation
import JSON
import TestSupport
import Testing

extension Functional {
    /// Images and pods written where others read them.
    @Suite struct Exporting {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        private func ran(_ image: String, in engine: Rkt) throws -> Bool {
            let run = try engine("run", "--net=none", image, "--exec=/bin/echo", "--", "ran")
            return run.text == "ran"
        }

        @Test func anACIIsReadByFetch() throws {
            let outcome = try rkt("image", "export", busybox, "out.aci")
            #expect(outcome.succeeded, "\(outcome)")
            let sum = try tool("sha512sum", rkt.scratch("out.aci")).prefix(64)
            #expect(outcome.text == "sha512-\(sum)")
            let other = try Rkt()
            #expect(try "sha512-\(sum)".hasPrefix(other.fetch(rkt.scratch("out.aci"))))
            #expect(try ran(busybox, in: other))
            // What rkt has packed once is packed so again.
            let again = try other("image", "export", busybox, rkt.scratch("again.aci"))
            #expect(again.errors.isEmpty, "\(again)")
            try tool("cmp", rkt.scratch("out.aci"), rkt.scratch("again.aci"))
        }

        @Test func anACIOfAnOCIImageRuns() throws {
            let id = try rkt.fetch(try SharedFiles.busyboxOCI.get())
            #expect(try rkt("image", "export", id, "oci.aci").succeeded)
            let other = try Rkt()
            let aci = try other.fetch(rkt.scratch("oci.aci"))
            #expect(aci.hasPrefix("sha512-"))
            #expect(try ran(aci, in: other))
        }

        @Test(.requires("skopeo"), arguments: ["oci", "oci-archive", "docker-archive"])
        func otherEnginesReadIt(_ form: String) throws {
            let id = try rkt.fetch(try SharedFiles.busyboxOCI.get())
            let target = "\(form):\(rkt.scratch("out")):example.com/app:1"
            let outcome = try rkt("image", "export", id, "--to=\(target)")
            try #require(outcome.succeeded, "\(outcome)")
            let copy = "oci:\(rkt.scratch("copy")):x"
            try tool("skopeo", "--insecure-policy", "copy", "--quiet", target, copy)
            let other = try Rkt()
            #expect(try outcome.text.hasPrefix(other.fetch(target)))
            #expect(try ran(target, in: other))
            #expect(try other.fetch(copy) == other.fetch(target))
        }

        /// What came with digests that can be made again keeps them.
        @Test(.requires("skopeo")) func theImageStaysTheSame() throws {
            let id = try rkt.fetch(try SharedFiles.busyboxOCI.get())
            let first = "oci:\(rkt.scratch("first")):x"
            let one = try rkt("image", "export", id, "--to=\(first)")
            let other = try Rkt()
            let imported = try other.fetch(first)
            let second = try other("image", "export", imported, "--to=oci:\(rkt.scratch("2")):x")
            #expect(second.text == one.text && second.errors.isEmpty, "\(second)")
            func digest(_ layout: String) throws -> String? {
                let index = rkt.scratch.read("\(layout)/index.json") ?? ""
                return try JSON.parse(Array(index.utf8))["manifests"]?.array?
                    .first?["digest"]?.string
            }
            #expect(try digest("first") == digest("2"))
        }

        @Test func anACIBecomesAnOCIImageWithAllItDependsOn() throws {
            var archive = TarArchive()
            archive.add("rootfs/", .directory)
            archive.add("rootfs/top", text: "top")
            var aci = ACI("example.com/top", exec: ["/bin/cat", "/top"], archive: archive)
            aci.overrides["dependencies"] = [["imageName": busybox]]
            try rkt.fetch(try aci.write(in: rkt.scratch))
            let target = "oci-archive:\(rkt.scratch("top.tar")):top"
            let outcome = try rkt("image", "export", "example.com/top", "--to=\(target)")
            try #require(outcome.succeeded, "\(outcome)")
            let other = try Rkt()
            try other.fetch(target)
            #expect(try other("run", "--net=none", target).text == "top")
        }

        @Test func whatIsThereStays() throws {
            try rkt.scratch.write("mine", to: "out.aci")
            let refused = try rkt("image", "export", busybox, "out.aci")
            #expect(refused.code == 254 && refused.errors.contains("--overwrite"), "\(refused)")
            #expect(rkt.scratch.read("out.aci") == "mine")
            try tool("ln", "-s", "out.aci", rkt.scratch("link.aci"))
            #expect(try rkt("image", "export", busybox, "link.aci").code == 254)
            for target in ["missing/out.aci", "out.tar", "oci:", "docker://x/y"] {
                let arguments = target.contains(":") ? ["--to=\(target)"] : [target]
                let outcome = try rkt(["image", "export", busybox] + arguments)
                #expect(outcome.code == 254, "\(target): \(outcome)")
            }
            #expect(try rkt("image", "export", "--overwrite", busybox, "out.aci").succeeded)
            #expect(rkt.scratch.list("").filter { $0.hasPrefix(".") }.isEmpty)
        }

        @Test func aFullDiskLeavesNothing() throws {
            let small = try SmallFileSystem(megabytes: 1)
            for target in [
                ["\(small.path)/out.aci"], ["--to=oci-archive:\(small.path)/out.tar"],
                ["--to=docker-archive:\(small.path)/out.tar"],
            ] {
                let outcome = try rkt(["image", "export", busybox] + target)
                #expect(outcome.code == 254, "\(outcome)")
                #expect(File.list(small.path).filter { $0 != "lost+found" }.isEmpty)
            }
            #expect(rkt.scratch.list("data/tmp").isEmpty)
        }

        @Test(arguments: [[], ["--no-overlay"]])
        func anExitedPodsAppIsAnACI(_ flags: [String]) throws {
            let run = try rkt.shell(
                "echo new > /new; rm /etc/group; mkdir /deep; chmod 700 /deep",
                pod: ["--uuid-file-save=\(rkt.scratch("uuid"))"] + flags
            )
            try #require(run.succeeded, "\(run)")
            let uuid = rkt.scratch.read("uuid") ?? ""
            let outcome = try rkt("export", uuid, "pod.aci")
            try #require(outcome.succeeded, "\(outcome)")
            #expect(try rkt("export", uuid, "pod.aci").code == 254)
            #expect(try rkt("export", "--overwrite", "--app=busybox", uuid, "pod.aci").succeeded)
            let other = try Rkt([rkt.scratch("pod.aci")])
            let facts = try other.probe([
                "--read=/new", "--stat=/etc/group", "--stat=/etc/passwd", "--stat=/deep",
            ]).facts
            #expect(facts["read./new"] == "new" && facts["stat./etc/group"] == "ENOENT", "\(facts)")
            #expect(facts["stat./etc/passwd"]?.hasPrefix("mode:100644") == true)
            #expect(facts["stat./deep"]?.hasPrefix("mode:40700") == true)
        }

        @Test func onlyExitedPodsAreExported() throws {
            let pod = try rkt.startPod(["--net=none", busybox, "--exec=/bin/sleep", "--", "100"])
            let outcome = try rkt("export", pod.uuid, "pod.aci")
            #expect(outcome.code == 254 && outcome.errors.contains("not exited"), "\(outcome)")
            try pod.stop()
            #expect(try rkt("export", pod.uuid, "pod.tar").code == 254)
            #expect(try rkt("export", "--app=other", pod.uuid, "pod.aci").code == 254)
            let prepared = try rkt.prepare([busybox])
            #expect(try rkt("export", prepared, "pod.aci").code == 254)
        }
    }
}
