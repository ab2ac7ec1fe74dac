import Foundation
import TestSupport
import Testing

/// Images that are not as they should be: one clear line, and nothing in the store (R9).
@Suite struct RefusalTests {
    private let fetch: Fetch

    init() throws { fetch = try Fetch() }

    private func expectRefusal(
        _ reference: String,
        _ reason: String,
        location: SourceLocation = #_sourceLocation
    ) {
        let refusal = fetch.refusal(reference)
        #expect(
            refusal?.contains(reason) == true,
            "\(refusal ?? "accepted")",
            sourceLocation: location
        )
        #expect(refusal?.contains("\n") != true, sourceLocation: location)
        #expect(fetch.leftovers.isEmpty, sourceLocation: location)
    }

    private var layer: TarArchive {
        var archive = TarArchive()
        archive.add("file", text: "hello")
        return archive
    }

    private var rootfs: TarArchive {
        var archive = TarArchive()
        archive.add("rootfs/", .directory)
        archive.add("rootfs/file", text: "hello")
        return archive
    }

    @Test func aciNeedsTheInsecureOption() throws {
        let path = try ACI("example.com/app", archive: rootfs).write(in: fetch.scratch)
        #expect {
            try fetch(path, allowsUnsigned: false)
        } throws: {
            "\($0)".contains("use --insecure-options=image")
        }
        #expect(fetch.leftovers.isEmpty)
    }

    @Test(arguments: [
        (#"[]"#, "missing os label in the image manifest"),
        (#"[{"name":"os","value":"linux"}]"#, "missing arch label in the image manifest"),
        (#"[{"name":"os","value":"freebsd"},{"name":"arch","value":"amd64"}]"#, "bad os/arch"),
        (#"[{"name":"os","value":"linux"},{"name":"arch","value":"s390x"}]"#, "bad os/arch"),
    ])
    func aciForAnotherMachineIsRefused(labels: String, reason: String) throws {
        var aci = ACI("example.com/app", archive: rootfs)
        aci.overrides["labels"] = try JSONSerialization.jsonObject(with: Data(labels.utf8))
        expectRefusal(try aci.write(in: fetch.scratch), reason)
    }

    @Test func aciWithABadNameIsRefused() throws {
        var aci = ACI("example.com/app", archive: rootfs)
        aci.overrides = ["name": "Not/An Identifier"]
        expectRefusal(try aci.write(in: fetch.scratch), "bad image manifest")
    }

    @Test func hostileManifestOfAnACIIsRefused() throws {
        var linked = TarArchive()
        linked.add("manifest", .symbolicLink, link: "/etc/shadow")
        linked.add("rootfs/", .directory)
        let path = try fetch.scratch.write(linked.data, to: "linked.aci")
        expectRefusal(path, "regular file")
        let cut = try ACI("example.com/app", archive: rootfs).write(in: fetch.scratch, .gzip)
        let bytes = File.data(cut) ?? Data()
        try fetch.scratch.write(bytes.prefix(bytes.count - 20), to: "cut.aci")
        expectRefusal(fetch.scratch("cut.aci"), "cut off")
        try fetch.scratch.write("not an image at all", to: "text.aci")
        expectRefusal(fetch.scratch("text.aci"), "not a tar archive")
    }

    @Test func layerWithAnotherDigestIsRefused() throws {
        var image = OCIImage(layers: [layer])
        image.claimedDiffIDs = ["sha256:" + String(repeating: "0", count: 64)]
        expectRefusal(try image.write(in: fetch.scratch), "diff id")
        image.claimedDiffIDs = []
        expectRefusal(try image.write(in: fetch.scratch, as: "b"), "lists 1 layers")
        image.claimedDiffIDs = ["sha256:../../../../etc"]
        expectRefusal(try image.write(in: fetch.scratch, as: "c"), "digest")
    }

    /// Changes the blob that is largest or smallest, and expects it to be found out.
    @Test func damagedBlobIsRefused() throws {
        let reference = try OCIImage(layers: [layer]).write(in: fetch.scratch)
        let blobs = fetch.scratch.list("layout/blobs/sha256")
        #expect(blobs.count == 3)
        for blob in blobs {
            let path = "layout/blobs/sha256/\(blob)"
            let original = File.data(fetch.scratch(path)) ?? Data()
            var changed = original
            changed[changed.startIndex + 4] ^= 1
            try fetch.scratch.write(changed, to: path)
            #expect(fetch.refusal(reference) != nil)
            try fetch.scratch.write(original + Data([0x20]), to: path)
            expectRefusal(reference, "bytes instead of")
            try fetch.scratch.write(original, to: path)
        }
        try fetch(reference)
    }

    @Test func linksOutOfALayoutAreNotFollowed() throws {
        let reference = try OCIImage(layers: [layer]).write(in: fetch.scratch)
        for name in fetch.scratch.list("layout/blobs/sha256").map({ "blobs/sha256/\($0)" }) + [
            "index.json", "oci-layout",
        ] {
            let path = fetch.scratch("layout/\(name)")
            try FileManager.default.moveItem(atPath: path, toPath: fetch.scratch("moved"))
            try FileManager.default.createSymbolicLink(
                atPath: path,
                withDestinationPath: fetch.scratch("moved")
            )
            expectRefusal(reference, "symbolic link")
            try FileManager.default.removeItem(atPath: path)
            try tool("mkfifo", path)
            expectRefusal(reference, "not a regular file")
            try FileManager.default.removeItem(atPath: path)
            expectRefusal(reference, "there is no file")
            try FileManager.default.moveItem(atPath: fetch.scratch("moved"), toPath: path)
        }
        try fetch(reference)
    }

    @Test(arguments: [
        (#"{"manifests":[]}"#, "both"),
        (#"{"mediaType":"application/vnd.oci.image.index.v1+json"}"#, "mediaType"),
        (#"{"schemaVersion":1}"#, "schema version 1"),
        (#"{"layers":[{"digest":"sha256:zz","size":1,"mediaType":"x"}]}"#, "digest"),
    ])
    func documentWithTwoMeaningsIsRefused(members: String, reason: String) throws {
        var image = OCIImage(layers: [layer])
        let members = try JSONSerialization.jsonObject(with: Data(members.utf8))
        image.manifestOverrides = try #require(members as? [String: Any])
        expectRefusal(try image.write(in: fetch.scratch), reason)
    }

    @Test(arguments: [
        (#"{"imageLayoutVersion":"2.0.0"}"#, "oci-layout"), ("", "oci-layout"),
        (#"{"imageLayoutVersion":"1.0.0","imageLayoutVersion":"1.0.0"}"#, "duplicate"),
    ])
    func badLayoutMarkerIsRefused(text: String, reason: String) throws {
        let reference = try OCIImage(layers: [layer]).write(in: fetch.scratch)
        try fetch.scratch.write(text, to: "layout/oci-layout")
        expectRefusal(reference, reason)
    }

    @Test(arguments: [
        ("[]", "no image"), ("{}", "manifest.json"),
        (#"[{"Config":"../c","RepoTags":[],"Layers":[]}]"#, "not the name of a file"),
        (#"[{"Config":"c","RepoTags":[],"Layers":["/etc/passwd"]}]"#, "not the name of a file"),
        (#"[{"Config":"missing","RepoTags":[],"Layers":[]}]"#, "there is no file"),
        (#"[{"Config":"loop","RepoTags":[],"Layers":[]}]"#, "link to a link"),
        (#"[{"Config":"out","RepoTags":[],"Layers":[]}]"#, "there is no file"),
    ])
    func badDockerArchiveIsRefused(manifest: String, reason: String) throws {
        var archive = TarArchive()
        archive.add("manifest.json", text: manifest)
        archive.add("loop", .symbolicLink, link: "loop")
        archive.add("out", .symbolicLink, link: "../../../../etc/passwd")
        let path = try fetch.scratch.write(archive.data, to: "a.tar")
        expectRefusal("docker-archive:\(path)", reason)
    }

    @Test func archiveWithABadFrameIsRefused() throws {
        var archive = TarArchive()
        archive.add("manifest.json", text: "[]", mode: 0o644)
        archive.add("huge", contents: Data("x".utf8), size: 0o77777777777)
        let path = try fetch.scratch.write(archive.data, to: "a.tar")
        expectRefusal("docker-archive:\(path)", "cut off")
        try tool("gzip", path)
        expectRefusal("oci-archive:\(path).gz", "compressed as a whole")
        try fetch.scratch.write("", to: "empty")
        expectRefusal("oci-archive:\(fetch.scratch("empty"))", "not a tar archive")
        expectRefusal("oci-archive:\(fetch.scratch.path)", "not an image file")
        expectRefusal("oci-archive:\(fetch.scratch("nothing"))", "cannot open")
    }

    @Test func aNameWithoutAHostIsAskedForNowhere() throws {
        expectRefusal("nohost/app", "unable to fetch image")
    }
}
