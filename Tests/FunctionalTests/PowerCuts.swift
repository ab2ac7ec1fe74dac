import Foundation
import TestSupport
import Testing

extension Functional {
    /// Images that weren't known to be on the disk when the machine stopped.
    ///
    /// A power cut is played by what it leaves: a mark of another run of the machine, and files that have lost their end.
    @Suite(.requires("docker-registry"), .requires("skopeo")) struct PowerCuts {
        let rkt: Rkt
        let registry: Registry

        init() throws {
            rkt = try Rkt()
            registry = try Registry()
        }

        private var images: String { "\(rkt.data)/images" }

        private var marks: [String] { rkt.scratch.list("data/images/unsettled") }

        /// Brings an image of two layers to the registry and from there into the store.
        private func fetch(_ name: String, marks: [String] = ["one"]) throws -> Outcome {
            var image = try OCIImage()
            for mark in marks {
                var layer = TarArchive()
                layer.add("marks/\(mark)", text: mark)
                image.layers.append(layer)
            }
            try registry.push(try image.write(in: rkt.scratch, as: name), to: "\(name):1")
            return try fetchAgain(name)
        }

        private func fetchAgain(_ name: String) throws -> Outcome {
            let reference = "docker://\(registry.authority)/\(name):1"
            return try rkt("--insecure-options=image,http", "fetch", reference, within: 60)
        }

        private func run(_ image: String, _ command: String...) throws -> Outcome {
            try rkt(
                ["run", "--net=none", "--pull-policy=never", image, "--exec=\(command[0])", "--"]
                    + command.dropFirst()
            )
        }

        /// Manifests and configurations, which are JSON, are written to the disk at once.
        private var packedLayers: [String] {
            rkt.scratch.list("data/images/blobs/sha256").map { "\(images)/blobs/sha256/\($0)" }
                .filter { File.read($0)?.first != "{" }
        }

        /// What is there after a start of the machine, if nothing was written to the disk.
        private func cutThePower() throws {
            for mark in marks {
                let path = "\(images)/unsettled/\(mark)"
                try FileManager.default.removeItem(atPath: path)
                try FileManager.default.createSymbolicLink(
                    atPath: path,
                    withDestinationPath: "11111111-2222-3333-4444-555555555555"
                )
            }
            for layer in rkt.scratch.list("data/images/layers") {
                let path = "\(images)/layers/\(layer)"
                try tool("sh", "-c", "find '\(path)' -type f -exec truncate --size=0 {} +")
            }
        }

        @Test func aLayerInDoubtIsUnpackedAgainBeforeItRuns() throws {
            let id = try #require(try fetch("app").lines.last)
            #expect(!marks.isEmpty)
            #expect(try run(id, "/bin/cat", "/marks/one").text == "one")
            try cutThePower()
            #expect(try run(id, "/bin/cat", "/marks/one").text == "one")
            #expect(marks.isEmpty)
            #expect(try rkt("image", "verify", id).succeeded)
            #expect(rkt.scratch.list("data/tmp").isEmpty)
        }

        @Test func whatIsUsedInTheSameRunOfTheMachineIsTakenAsItIs() throws {
            let id = try #require(try fetch("app").lines.last)
            let before = marks
            #expect(try run(id, "/bin/true").succeeded)
            #expect(marks == before)
        }

        @Test func anotherImageDoesNotTrustASharedLayerInDoubt() throws {
            _ = try fetch("first")
            try cutThePower()
            for path in packedLayers { try tool("truncate", "--size=9", path) }
            let id = try #require(try fetch("second", marks: ["one", "two"]).lines.last)
            #expect(try run(id, "/bin/cat", "/marks/one", "/marks/two").text == "onetwo")
            #expect(try rkt("image", "verify", id).succeeded)
        }

        @Test func whatCannotBeUnpackedAgainIsRefusedAndSaysHowToGoOn() throws {
            let id = try #require(try fetch("app").lines.last)
            try cutThePower()
            for path in packedLayers { try FileManager.default.removeItem(atPath: path) }
            let run = try run(id, "/bin/true")
            #expect(run.code == 254 && run.errors.contains("rkt image rm \(id)"), "\(run)")
            #expect(try rkt("image", "rm", id).succeeded)
            #expect(marks.isEmpty)
            let again = try #require(try fetchAgain("app").lines.last)
            #expect(try self.run(again, "/bin/cat", "/marks/one").text == "one")
        }

        @Test(arguments: [["gc"], ["image", "gc"], ["prepare"]])
        func aCommandThatWaitsForTheDiskTakesTheMarksAway(_ command: [String]) throws {
            let id = try #require(try fetch("app").lines.last)
            #expect(!marks.isEmpty)
            let arguments = command == ["prepare"] ? command + [id, "--exec=/bin/true"] : command
            #expect(try rkt(arguments).succeeded)
            #expect(marks.isEmpty)
        }
    }
}
