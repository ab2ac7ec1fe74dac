import AppContainer
import Linux
import References
import Testing

@testable import ImageStorage

@Suite struct ResolveTests {
    private let store: TestStore

    init() throws {
        store = try TestStore()
        let layers = [try layerID("11")]
        try store.add(try imageID("aa11"), names: ["example.com/app:1.0"], layers: layers)
        try store.add(try imageID("aa22"), names: ["example.com/app:latest"], layers: layers)
        try store.add(try imageID("bb33"), names: ["example.com/app:2.0"], layers: layers)
        try store.add(
            try imageID("cc44", "sha256"),
            names: ["docker.io/library/busybox:1.36,os=linux"],
            layers: layers
        )
        try store.add(try imageID("cc55"), names: ["localhost/own:1"], layers: layers)
    }

    @Test(arguments: [
        ("example.com/app:1.0", "aa11"),
        ("example.com/app:2.0", "bb33"),
        // Without a version `latest` wins over the newest import.
        ("example.com/app", "aa22"),
        ("busybox", "cc44"),
        ("busybox:1.36", "cc44"),
        ("library/busybox", "cc44"),
        ("docker.io/library/busybox", "cc44"),
        ("busybox,os=linux", "cc44"),
        ("own", "cc55"),
    ])
    func nameLeadsToImage(name: String, digits: String) throws {
        let image = try store.resolve(LabelledName(name))
        #expect(image.id.hash.digits.hasPrefix(digits))
    }

    @Test(arguments: [
        "example.com/app:3", "example.com/ap", "busybox,os=plan9", "hub.example/busybox",
    ])
    func nameWithoutImageIsNotFound(name: String) throws {
        let name = try LabelledName(name)
        #expect(throws: StoreError.notFound(name.description)) { try store.resolve(name) }
    }

    @Test(arguments: [("sha512-aa1", "aa11"), ("sha512-bb", "bb33"), ("sha256-cc", "cc44")])
    func uniquePrefixLeadsToImage(prefix: String, digits: String) throws {
        let image = try store.resolve(ImageHash(prefix))
        #expect(image.id.hash.digits.hasPrefix(digits))
    }

    @Test func ambiguousPrefixNamesTheCandidates() throws {
        let prefix = try ImageHash("sha512-aa")
        let expected = StoreError.ambiguous(
            prefix,
            candidates: [try imageID("aa11"), try imageID("aa22")]
        )
        #expect(throws: expected) { try store.resolve(prefix) }
    }

    @Test func oneDigitIsTooShort() throws {
        let prefix = try ImageHash("sha512-b")
        #expect(throws: StoreError.tooShort(prefix)) { try store.resolve(prefix) }
    }

    @Test func newestImportWinsWithoutLatest() throws {
        let layers = [try layerID("11")]
        try store.add(try imageID("d1"), names: ["two:1"], layers: layers)
        try store.add(try imageID("d2"), names: ["two:2"], layers: layers)
        #expect(try store.resolve(LabelledName("two")).id == imageID("d2"))
        // Importing it again makes it the newest.
        try store.add(try imageID("d1"), names: ["two:1"], layers: layers)
        #expect(try store.resolve(LabelledName("two")).id == imageID("d1"))
    }

    @Test func nameAheadOfItsRecordIsPassedOver() throws {
        let layers = [try layerID("11")]
        try store.add(try imageID("e1"), names: ["moved:1"], layers: layers)
        try store.add(try imageID("e2"), names: ["moved:1"], layers: layers)
        // As a crash between the removal of the record and that of the name leaves it.
        let id = try imageID("e2")
        try store.open().making("images/index").remove("\(id).json")
        #expect(try store.resolve(LabelledName("moved:1")).id == imageID("e1"))
    }

    @Test func recordComesBackAsItWasCommitted() throws {
        let id = try imageID("f1", "sha256")
        let digest = "sha256:" + String(repeating: "a", count: 64)
        let stored = try store.add(
            id,
            names: ["docker.io/library/a:1", "b:2,arch=amd64"],
            layers: [try layerID("11"), try layerID("22")],
            blobs: [(digest: digest, bytes: [1, 2, 3])]
        )
        #expect(try store.image(id) == stored)
        #expect(stored.size == 20)
        #expect(try store.blob(digest) == [1, 2, 3])
        #expect(
            String(decoding: stored.layersFile, as: UTF8.self)
                == "\(try layerID("11"))\n\(try layerID("22"))\n"
        )
    }

    @Test(arguments: [
        "sha256:..", "sha256:", "md5:d41d8cd98f00b204e9800998ecf8427e", "../../etc/passwd",
        "sha256:" + String(repeating: "A", count: 64),
    ])
    func digestThatIsNoneNeverBecomesAPath(digest: String) throws {
        #expect(throws: StoreError.notFound(digest)) { try store.blob(digest) }
    }
}
