import JSON
import TestSupport
import Testing

extension Functional {
    /// `rkt image …`: what the store holds.
    @Suite struct ImageCommands {
        let rkt: Rkt

        init() throws {
            rkt = try .withBusybox()
            try rkt.fetch(try SharedFiles.busyboxOCI.get())
        }

        @Test func listHasAColumnForEachField() throws {
            let table = try rkt("image", "list")
            let heading = table.lines.first ?? ""
            for name in ["ID", "NAME", "SIZE", "IMPORT TIME", "LAST USED"] {
                #expect(heading.contains(name), "\(table)")
            }
            #expect(table.lines.count == 3)
            #expect(table.output.contains("example.com/busybox:1.0.0"), "\(table)")
        }

        @Test func eachNameHasARow() throws {
            let image = try OCIImage(config: ["Cmd": ["/bin/true"]])
            let one = try rkt.fetch(try image.write(in: rkt.scratch, as: "one"))
            let two = try rkt.fetch(try image.write(in: rkt.scratch, as: "two", tag: "3"))
            #expect(one == two)
            let table = try rkt("image", "list", "--no-legend", "--fields=id,name")
            let rows = table.lines.filter { $0.hasPrefix(one.prefix(19)) }
            #expect(rows.count == 2, "\(table)")
            #expect(
                rows.contains { $0.contains("one:latest") }
                    && rows.contains { $0.contains("two:3") }
            )
            let json = try JSON.parse(
                Array(try rkt("image", "list", "--format=json").output.utf8)
            )
            #expect(json.array?.count(where: { $0["name"]?.string == "two:3" }) == 1)
        }

        /// What `image list` shows can be typed.
        @Test(arguments: ["oci", "oci-archive", "docker-archive", "docker", "sha256-ab", "OCI"])
        func theNameOfALayoutMeansTheImage(_ directory: String) throws {
            let image = try OCIImage(config: ["Cmd": ["/bin/true"]])
            let list = ["image", "list", "--no-legend", "--fields=name"]
            let before = try rkt(list).lines
            try rkt.fetch(try image.write(in: rkt.scratch, as: directory, tag: "latest"))
            let name = try #require(try rkt(list).lines.first { !before.contains($0) })
            #expect(try rkt("image", "cat-manifest", name).succeeded, "\(name)")
            let run = try rkt("run", "--net=none", name)
            #expect(run.succeeded, "\(run)")
        }

        @Test func fieldsAndOrderCanBeChosen() throws {
            let names = try rkt("image", "list", "--fields=name", "--no-legend", "--sort=name")
            #expect(names.lines.count == 2, "\(names)")
            let reverse = try rkt(
                "image",
                "list",
                "--fields=name",
                "--no-legend",
                "--sort=name",
                "--order=desc"
            )
            #expect(reverse.lines == names.lines.reversed(), "\(reverse)")
            #expect(try rkt("image", "list", "--fields=what").code == 254)
            #expect(try rkt("image", "list", "--sort=what").code == 254)
            #expect(try rkt("image", "list", "--order=what").code == 254)
        }

        @Test func listSpeaksJSON() throws {
            let outcome = try rkt("image", "list", "--format=json")
            let images = try JSON.parse(Array(outcome.output.utf8))
            #expect(images.array?.count == 2)
            for image in images.array ?? [] {
                #expect((image["size"]?.integer ?? 0) > 1_000_000)
                #expect((image["import_time"]?.integer ?? 0) > 1_000_000_000_000_000_000)
                let id = image["id"]?.string ?? ""
                #expect(id.count == "sha512-".count + 64, "\(id)")
            }
            #expect(try rkt("image", "list", "--full").output.contains(idOfACI))
        }

        private var idOfACI: String {
            get throws {
                "sha512-" + (try tool("sha512sum", try SharedFiles.busyboxACI.get()).prefix(64))
            }
        }

        @Test func aManifestIsPrinted() throws {
            let outcome = try rkt("image", "cat-manifest", busybox)
            let manifest = try JSON.parse(Array(outcome.output.utf8))
            #expect(manifest["name"]?.string == busybox)
            let byID = try rkt("image", "cat-manifest", String(try idOfACI.prefix(15)))
            #expect(byID.output == outcome.output)
            #expect(
                try rkt("image", "cat-manifest", "--pretty-print=false", busybox).lines.count == 1
            )
            #expect(try rkt("image", "cat-manifest", "sha512-ffffffff").code == 254)
            #expect(try rkt("image", "cat-manifest", "sha512-f").code == 254)
        }

        @Test func rmRemovesByNameOrID() throws {
            let outcome = try rkt("image", "rm", busybox)
            #expect(outcome.succeeded)
            #expect(outcome.output.contains("successfully removed"), "\(outcome)")
            #expect(try rkt("image", "list", "--no-legend").lines.count == 1)
            let unknown = try rkt("image", "rm", "sha512-00ff00ff")
            #expect(unknown.succeeded && !unknown.errors.isEmpty, "\(unknown)")
        }

        @Test func gcTakesWhatNobodyUses() throws {
            let kept = try rkt("image", "gc")
            #expect(kept.succeeded, "\(kept)")
            #expect(try rkt("image", "list", "--no-legend").lines.count == 2)
            let pod = try rkt.startPod(["--net=none", busybox, "--exec=/bin/sleep", "--", "600"])
            #expect(try rkt("image", "gc", "--grace-period=0s").succeeded)
            #expect(try rkt("enter", pod.uuid, "/bin/echo", "still").text == "still")
            try pod.stop()
            #expect(try rkt("gc", "--grace-period=0s").succeeded)
            #expect(try rkt("image", "gc", "--grace-period=0s").succeeded)
            #expect(try rkt("image", "list", "--no-legend").lines.isEmpty)
            #expect(rkt.scratch.list("data/images/layers").isEmpty)
        }
    }
}
