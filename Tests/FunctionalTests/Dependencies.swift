import Foundation
import TestSupport
import Testing

extension Functional {
    /// ACIs that are made of several: dependencies and `pathWhitelist`.
    @Suite struct Dependencies {
        let rkt: Rkt

        init() throws { rkt = try .withBusybox() }

        /// Stores an image of a few files, named by what they hold.
        @discardableResult
        private func store(
            _ name: String,
            version: String = "1",
            files: [String: String] = [:],
            on dependencies: [[String: Any]] = [],
            keeping list: [String] = [],
            fetch: Bool = true
        ) throws -> String {
            var archive = TarArchive()
            archive.add("rootfs/", .directory)
            for (path, text) in files.sorted(by: { $0.key < $1.key }) {
                archive.add("rootfs/\(path)", text: text)
            }
            var aci = ACI(name, archive: archive)
            aci.labels = ["version": version]
            if !dependencies.isEmpty { aci.overrides["dependencies"] = dependencies }
            if !list.isEmpty { aci.overrides["pathWhitelist"] = list }
            let file = "\(name.split(separator: "/").joined(separator: "-"))-\(version).aci"
            let path = try aci.write(in: rkt.scratch, as: file)
            return fetch ? try rkt.fetch(path) : path
        }

        private func read(
            _ paths: [String],
            of image: String,
            flags: [String] = []
        ) throws -> [String: String] {
            try rkt.probe(paths.map { "--read=\($0)" }, image: image, pod: flags).facts
        }

        private static var base: [String: Any] { ["imageName": busybox] }

        @Test(arguments: [[], ["--no-overlay"]])
        func anImageLiesOverWhatItDependsOn(_ flags: [String]) throws {
            try store("example.com/d", files: ["both": "d", "d": "d", "c-and-d": "d"])
            try store("example.com/b", files: ["both": "b", "b": "b"])
            try store(
                "example.com/c",
                files: ["both": "c", "c-and-d": "c"],
                on: [["imageName": "example.com/d"]]
            )
            try store(
                "example.com/a",
                files: ["a": "a"],
                on: [Self.base, ["imageName": "example.com/b"], ["imageName": "example.com/c"]]
            )
            let facts = try read(
                ["/a", "/b", "/d", "/both", "/c-and-d"],
                of: "example.com/a",
                flags: flags
            )
            #expect(facts["read./a"] == "a" && facts["read./b"] == "b", "\(facts)")
            #expect(facts["read./d"] == "d")
            #expect(facts["read./both"] == "c" && facts["read./c-and-d"] == "c", "\(facts)")
            // Mounted as they are: nothing was rendered.
            #expect(!rkt.scratch.list("data/images/layers").contains { $0.hasPrefix("tree-") })
        }

        @Test func aPreparedPodKeepsWhatItStandsOn() throws {
            try store("example.com/b", files: ["b": "b"])
            try store("example.com/a", on: [Self.base, ["imageName": "example.com/b"]])
            let uuid = try rkt.prepare([
                "example.com/a", "--exec=/bin/cat", "--", "/b",
            ])
            for image in [busybox, "example.com/b", "example.com/a"] {
                #expect(try rkt("image", "rm", image).succeeded)
            }
            #expect(try rkt("image", "gc", "--grace-period=0s").succeeded)
            #expect(try rkt("run-prepared", "--net=none", uuid).text == "b")
        }

        @Test func severalVersionsOfOneName() throws {
            try store("example.com/b", version: "1", files: ["one": "1", "v": "1"])
            try store("example.com/b", version: "2", files: ["v": "2"])
            func on(_ version: String) -> [String: Any] {
                ["imageName": "example.com/b", "labels": [["name": "version", "value": version]]]
            }
            try store("example.com/a", on: [Self.base, on("1"), on("2")])
            let facts = try read(["/one", "/v"], of: "example.com/a")
            #expect(facts["read./one"] == "1" && facts["read./v"] == "2", "\(facts)")
        }

        @Test func aPinnedImageIsThatOneOrNone() throws {
            let old = try rkt.fetch(try store("example.com/b", files: ["v": "old"], fetch: false))
            try store("example.com/b", version: "2", files: ["v": "new"])
            let id = try #require(
                rkt("image", "list", "--full", "--no-legend", "--fields=id").lines
                    .first { $0.hasPrefix(old) }
            )
            try store(
                "example.com/a",
                on: [Self.base, ["imageName": "example.com/b", "imageID": id]]
            )
            #expect(try read(["/v"], of: "example.com/a")["read./v"] == "old")
            let other = "sha512-" + String(repeating: "ab", count: 32)
            let file = try store(
                "example.com/wrong",
                on: [Self.base, ["imageName": "example.com/b", "imageID": other]],
                fetch: false
            )
            let refused = try rkt("--insecure-options=image", "fetch", "--store-only", file)
            #expect(refused.code == 254, "\(refused)")
            // The ID of another image than the named one.
            let name = try store(
                "example.com/confused",
                on: [Self.base, ["imageName": "example.com/c", "imageID": id]],
                fetch: false
            )
            let confused = try rkt("--insecure-options=image", "fetch", name)
            #expect(confused.code == 254 && confused.errors.contains("found is"), "\(confused)")
        }

        @Test func aMissingDependencyIsNamed() throws {
            let file = try store(
                "example.com/a",
                on: [["imageName": "nowhere/at-all"]],
                fetch: false
            )
            let outcome = try rkt("--insecure-options=image", "fetch", file)
            #expect(outcome.code == 254, "\(outcome)")
            #expect(outcome.errors.contains("depends on \"nowhere/at-all\""), "\(outcome)")
            let run = try rkt("run", "--net=none", "--pull-policy=never", "example.com/a")
            #expect(run.code == 254 && run.errors.contains("nowhere/at-all"), "\(run)")
        }

        @Test func circlesAreRefused() throws {
            let file = try store(
                "example.com/a",
                on: [["imageName": "example.com/b"]],
                fetch: false
            )
            _ = try rkt("--insecure-options=image", "fetch", file)
            let other = try store(
                "example.com/b",
                on: [["imageName": "example.com/a"]],
                fetch: false
            )
            let outcome = try rkt("--insecure-options=image", "fetch", other)
            #expect(outcome.code == 254, "\(outcome)")
            #expect(outcome.errors.contains("depend on one another"), "\(outcome)")
        }

        @Test(arguments: [[], ["--no-overlay"]])
        func aListKeepsOnlyItsPaths(_ flags: [String]) throws {
            try store("example.com/b", files: ["keep": "b", "drop": "b", "dir/in": "b"])
            try store(
                "example.com/a",
                files: ["own": "a", "hidden": "a"],
                on: [Self.base, ["imageName": "example.com/b"]],
                keeping: ["/bin/probe", "keep", "/own", "/dir/in"]
            )
            let facts = try rkt.probe(
                ["--list=/", "--read=/keep", "--read=/dir/in", "--read=/own", "--list=/bin"],
                image: "example.com/a",
                pod: flags
            ).facts
            #expect(facts["read./keep"] == "b" && facts["read./own"] == "a", "\(facts)")
            #expect(facts["read./dir/in"] == "b" && facts["list./bin"] == "probe", "\(facts)")
            let root = facts["list./"] ?? ""
            #expect(!root.contains("drop") && !root.contains("hidden"), "\(root)")
        }

        @Test func equalSetsShareATreeThatGcTakesAway() throws {
            try store("example.com/a", on: [Self.base], keeping: ["/bin/busybox", "/bin/true"])
            func trees() -> [String] {
                rkt.scratch.list("data/images/layers").filter {
                    $0.hasPrefix("tree-") && !$0.hasSuffix(".note")
                }
            }
            for _ in 0..<2 {
                let run = try rkt("run", "--net=none", "example.com/a", "--exec=/bin/true")
                #expect(run.succeeded, "\(run)")
            }
            #expect(trees().count == 1)
            #expect(try rkt("image", "gc").succeeded && trees().count == 1)
            #expect(try rkt("gc", "--grace-period=0s").succeeded)
            #expect(try rkt("gc", "--grace-period=0s").succeeded)
            #expect(try rkt("image", "gc").succeeded && trees().isEmpty)
            #expect(try rkt("run", "--net=none", "example.com/a", "--exec=/bin/true").succeeded)
        }

        /// Killed at any moment of rendering, the next run makes the tree.
        @Test(.tags(.slow)) func killsLeaveNothing() throws {
            try store("example.com/a", on: [Self.base], keeping: ["/bin/busybox", "/bin/true"])
            for round in 0..<20 {
                let run = try rkt.start(["prepare", "example.com/a", "--exec=/bin/true"])
                usleep(UInt32(round * 500))
                run.signal(SIGKILL)
                run.finished()
            }
            #expect(try rkt("run", "--net=none", "example.com/a", "--exec=/bin/true").succeeded)
            #expect(try rkt("image", "gc").succeeded)
            #expect(rkt.scratch.list("data/tmp").isEmpty)
        }

        @Test(.requiresUserNamespaces) func aUserRunsThem() throws {
            let user = try UnprivilegedUser(ids: .range)
            let top = try store(
                "example.com/a",
                files: ["a": "a"],
                on: [Self.base],
                keeping: ["/a", "/bin/probe"],
                fetch: false
            )
            for image in [try SharedFiles.busyboxACI.get(), top] {
                let fetch = try user.rkt("--insecure-options=image", "fetch", image)
                try #require(fetch.succeeded, "\(fetch)")
            }
            let run = try user.rkt(
                "run",
                "--net=none",
                "example.com/a",
                "--exec=/bin/probe",
                "--",
                "--read=/a",
                "--list=/bin"
            )
            #expect(run.facts["read./a"] == "a" && run.facts["list./bin"] == "probe", "\(run)")
        }

        @Test func acbuildRunsOnDependencies() throws {
            try store("example.com/b", files: ["b": "b", "drop": "b"], keeping: ["/b"])
            let builder = Builder(rkt)
            try builder("begin")
            try builder("set-name", "example.com/made")
            try builder("dependency", "add", busybox)
            try builder("dependency", "add", "example.com/b")
            try builder("run", "--", "/bin/sh", "-c", "test ! -e /drop; cat /b > /made")
            let file = rkt.scratch("made.aci")
            try builder("write", file)
            try rkt.fetch(file)
            let outcome = try rkt(
                "run",
                "--net=none",
                "example.com/made",
                "--exec=/bin/cat",
                "--",
                "/made"
            )
            #expect(outcome.text == "b", "\(outcome)")
        }
    }
}
