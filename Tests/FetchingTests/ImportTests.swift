import AppContainer
import Foundation
import ImageStorage
import JSON
import TestSupport
import Testing

/// Images that are as they should be, by our own writers and by other tools.
@Suite struct ImportTests {
    private let fetch: Fetch

    init() throws { fetch = try Fetch() }

    private func archive(_ text: String = "hello") -> TarArchive {
        var archive = TarArchive()
        archive.add("rootfs/", .directory)
        archive.add("rootfs/file", text: text)
        return archive
    }

    private func layer(_ files: [String: String]) -> TarArchive {
        var archive = TarArchive()
        for (name, text) in files.sorted(by: { $0.key < $1.key }) { archive.add(name, text: text) }
        return archive
    }

    @Test(arguments: ACI.Packing.allCases)
    func aciIsTheSameImageHoweverItIsPacked(packing: ACI.Packing) throws {
        let aci = ACI("example.com/app", archive: archive())
        let plain = try aci.write(in: fetch.scratch, as: "plain.aci")
        let sum = try tool("sha512sum", plain).prefix(64)
        // The name says nothing about the content.
        let path = try aci.write(in: fetch.scratch, as: "image.tar", packing)
        let image = try fetch(
            "\(path)".hasSuffix(".aci") ? path : "\(fetch.scratch.path)/./image.tar"
        )
        #expect(image.id.description == "sha512-\(sum)")
        #expect(image.displayName == "example.com/app:1.0.0")
        #expect(fetch.file("file", of: image) == "hello")
        #expect(try fetch.find("example.com/app") == image)
        #expect(try image.app()?.exec == ["/bin/sh"])
    }

    @Test func layersAreSharedBetweenImages() throws {
        let base = layer(["base": "1", "both": "1"])
        let one = try OCIImage(layers: [base, layer(["one": "1", "both": "2"])])
            .write(in: fetch.scratch, as: "one")
        let two = try OCIImage(layers: [base, layer(["two": "1"])])
            .write(in: fetch.scratch, as: "two", tag: "docker.io/library/two:3")
        let (first, second) = (try fetch(one), try fetch(two))
        #expect(first.layers[0] == second.layers[0])
        #expect(fetch.file("both", of: first) == "2")
        #expect(first.displayName == "one:latest")
        #expect(try fetch.find("two").id == second.id)
        let layers = fetch.scratch.list("data/images/layers").filter { !$0.hasSuffix(".note") }
        #expect(layers.count == 3)
    }

    @Test func layerThatStandsTwiceIsMountedOnce() throws {
        let (a, b) = (layer(["x": "a"]), layer(["x": "b"]))
        let image = try fetch(OCIImage(layers: [a, b, a]).write(in: fetch.scratch))
        #expect(image.layers.count == 2)
        #expect(fetch.file("x", of: image) == "a")
    }

    @Test func configurationAndManifestAreKeptByteForByte() throws {
        let reference = try OCIImage(layers: [layer(["x": "1"])]).write(in: fetch.scratch)
        let image = try fetch(reference)
        for digest in image.blobs {
            let hex = digest.dropFirst("sha256:".count)
            let original = File.data(fetch.scratch("layout/blobs/sha256/\(hex)")) ?? Data()
            #expect(try fetch.blob(digest) == Array(original))
        }
        #expect(image.blobs.count == 2)
        #expect("sha256-" + image.blobs[0].dropFirst("sha256:".count) == image.id.description)
    }

    @Test(arguments: ["docker-archive", "oci-archive"])
    func archivesOfSkopeoAreImported(kind: String) throws {
        let layout = try OCIImage(layers: [layer(["x": "1"]), layer(["y": "2"])])
            .write(in: fetch.scratch)
        let target = "\(kind):\(fetch.scratch("a.tar"))"
        try tool(
            "skopeo",
            "--insecure-policy",
            "copy",
            "-q",
            layout,
            "\(target):example.com/app:v2"
        )
        let image = try fetch(target)
        #expect(image.displayName == "example.com/app:v2")
        #expect(fetch.file("y", of: image) == "2")
        #expect(try fetch("\(target):example.com/app:v2").id == image.id)
        #expect(fetch.refusal("\(target):v3")?.contains("v3") == true)
    }

    @Test(arguments: ["gzip", "zstd"])
    func layersMayBeCompressed(format: String) throws {
        let layout = try OCIImage(layers: [layer(["x": "1"])]).write(in: fetch.scratch)
        let packed = "oci:\(fetch.scratch("packed")):t"
        try tool(
            "skopeo",
            "--insecure-policy",
            "copy",
            "-q",
            "--dest-compress",
            "--dest-compress-format",
            format,
            layout,
            packed
        )
        #expect(try fetch(packed).id == fetch(layout).id)
    }

    @Test func indexForSeveralPlatformsGivesTheHosts() throws {
        let own = try OCIImage(layers: [layer(["x": "own"])]).write(in: fetch.scratch, as: "a")
        let reference = "oci:\(fetch.scratch("a"))"
        let index = try JSON.parse(fetch.scratch.read("a/index.json") ?? "")
        let manifest = try #require(index["manifests"]?.array?.first)
        func entry(_ architecture: String) -> JSON {
            var members = manifest.members ?? []
            members.removeAll { $0.name == "annotations" }
            let platform: JSON = .object([
                .init("os", "linux"), .init("architecture", .string(architecture)),
            ])
            return .object(members + [.init("platform", platform)])
        }
        let inner = JSON.object([
            .init("schemaVersion", 2),
            .init("mediaType", "application/vnd.oci.image.index.v1+json"),
            .init("manifests", .array([entry("riscv64"), entry("amd64"), entry("arm64")])),
        ]).encoded()
        let path = try fetch.scratch.write(inner, to: "inner")
        let sum = try tool("sha256sum", path).prefix(64)
        try fetch.scratch.write(inner, to: "a/blobs/sha256/\(sum)")
        let outer = """
            {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json",\
            "digest":"sha256:\(sum)","size":\(inner.utf8.count)}]}
            """
        try fetch.scratch.write(outer, to: "a/index.json")
        #expect(fetch.file("x", of: try fetch(reference)) == "own")
        _ = own
    }

    @Test func oldDockerArchiveWithLinkedLayersIsImported() throws {
        let tar = layer(["x": "1"]).data
        let path = try fetch.scratch.write(tar, to: "layer.tar")
        let sum = try tool("sha256sum", path).prefix(64)
        let config = """
            {"architecture":"amd64","os":"linux","config":{},\
            "rootfs":{"type":"layers","diff_ids":["sha256:\(sum)","sha256:\(sum)"]}}
            """
        let manifest = """
            [{"Config":"c.json","RepoTags":["old:1"],"Layers":["a/layer.tar","b/layer.tar"]}]
            """
        var archive = TarArchive()
        archive.add("a/", .directory)
        archive.add("a/layer.tar", contents: tar)
        archive.add("b/layer.tar", .symbolicLink, link: "../a/layer.tar")
        archive.add("c.json", text: config)
        archive.add("manifest.json", text: manifest)
        let file = try fetch.scratch.write(archive.data, to: "old.tar")
        let image = try fetch("docker-archive:\(file)")
        #expect(image.displayName == "docker.io/library/old:1")
        #expect(fetch.file("x", of: image) == "1")
    }

    @Test func unchangedFileIsRecognisedWithoutTheFetcher() throws {
        let path = try ACI("example.com/app", archive: archive()).write(in: fetch.scratch)
        let image = try fetch(path)
        var events: [FetchEvent] = []
        #expect(try fetch(path, follow: { events.append($0) }) == image)
        #expect(events.isEmpty)
        // Removed from the store, it is imported again.
        try fetch.remove(image)
        #expect(try fetch(path, follow: { events.append($0) }).id == image.id)
        #expect(!events.isEmpty)
    }

    @Test func importTakesPlaceOnceForManyWhoWantIt() throws {
        let path = try ACI("example.com/app", archive: archive()).write(in: fetch.scratch)
        let fetch = fetch
        let results = Results()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            results.add(Result { try fetch(path).id.description })
        }
        #expect(try Set(results.all.map { try $0.get() }).count == 1)
        #expect(fetch.scratch.list("data/images/layers").count == 2)
        #expect(fetch.scratch.list("data/tmp").isEmpty)
    }
}

/// What several threads found.
final class Results: @unchecked Sendable {
    private let lock = NSLock()
    private var found: [Result<String, any Error>] = []

    func add(_ result: Result<String, any Error>) { lock.withLock { found.append(result) } }

    var all: [Result<String, any Error>] { lock.withLock { found } }
}
