import JSON
import Linux
import References
import TestSupport
import Testing
import Trust

@testable import ImageStorage

@Suite struct RemoveTests {
    private let store: TestStore
    private let shared: LayerID
    private let first: LayerID
    private let second: LayerID

    init() throws {
        store = try TestStore()
        shared = try layerID("aa")
        first = try layerID("11")
        second = try layerID("22")
        try store.add(try imageID("01"), names: ["one:1"], layers: [shared, first])
        try store.add(try imageID("02"), names: ["two:1"], layers: [shared, second])
    }

    @Test func layerSharedWithAnotherImageStays() throws {
        try store.remove(imageID("01"))
        #expect(store.layerNames == [second, shared].map(\.description).sorted())
        #expect(try store.identifiers() == [imageID("02")])
        try store.remove(imageID("02"))
        #expect(store.layerNames.isEmpty)
        #expect(store.scratch.list("images/index/names").isEmpty)
        #expect(store.scratch.list("images/index/used").isEmpty)
        #expect(store.scratch.list("tmp").isEmpty)
    }

    @Test(arguments: ["prepare", "prepared", "run", "exited-garbage", "garbage"])
    func layerOfAPodStaysUntilThePodIsGone(phase: String) throws {
        try store.addPod("pod", phase: phase, layers: [shared, first])
        try store.remove(imageID("01"))
        #expect(store.layerNames.contains(first.description))
        #expect(throws: StoreError.self) { try store.resolve(LabelledName("one")) }
        try Directory(path: store.scratch("pods")).removeContents()
        _ = try store.collectGarbage(unusedFor: .seconds(3600))
        #expect(!store.layerNames.contains(first.description))
    }

    @Test func layerHeldByAnImportStays() throws {
        let hold = try store.layer(first)
        #expect(try store.remove(imageID("01")) == [first])
        #expect(store.layerNames.contains(first.description))
        _ = hold
    }

    @Test func removingWhatIsNotThereSaysSo() throws {
        let id = try imageID("99")
        #expect(throws: StoreError.notFound(id.description)) { try store.remove(id) }
    }

    @Test func gracePeriodKeepsImagesUsedLately() throws {
        #expect(try store.collectGarbage(unusedFor: .seconds(3600)).isEmpty)
        #expect(try store.identifiers().count == 2)
        let removed = try store.collectGarbage(unusedFor: .zero)
        #expect(removed.count == 2)
        #expect(store.layerNames.isEmpty)
    }

    @Test func imageOfAPodIsNotCollected() throws {
        try store.addPod("pod", layers: [shared, first])
        let removed = try store.collectGarbage(unusedFor: .zero)
        // The other image has a layer that the pod has too.
        #expect(removed.isEmpty)
    }

    @Test func collectionRemovesLayersAndBlobsNobodyNames() throws {
        _ = try store.layer(try layerID("77"))
        let blob = String(repeating: "b", count: 64)
        try store.scratch.write("left", to: "images/blobs/sha256/\(blob)")
        try store.scratch.write("half", to: "images/index/.x.json.123456")
        _ = try store.collectGarbage(unusedFor: .seconds(3600))
        #expect(store.layerNames.count == 3)
        #expect(store.scratch.list("images/blobs/sha256").isEmpty)
        #expect(!store.scratch.list("images/index").contains(".x.json.123456"))
    }

    @Test func onlyTreesWithoutAnOwnerAreReclaimed() throws {
        let owned = try store.open().makeTree()
        try store.scratch.makeDirectory("tmp/images-0123456789abcdef/deep/er")
        try store.scratch.makeDirectory("tmp/somebody-elses")
        try store.open().reclaim()
        #expect(store.scratch.list("tmp") == [owned.name, "somebody-elses"].sorted())
    }

    @Test func useIsMarkedAtMostOnceAMinute() throws {
        let id = try imageID("01")
        let imported = try #require(try store.lastUse(of: id))
        try store.recordUse(of: id)
        #expect(try store.lastUse(of: id) == imported)
        try store.open().making("images/index/used").remove(id.description)
        try store.recordUse(of: id)
        #expect(try #require(try store.lastUse(of: id)) >= imported)
    }
}

@Suite struct DamageTests {
    private let store: TestStore

    init() throws {
        store = try TestStore()
        try store.add(try imageID("01"), names: ["one:1"], layers: [try layerID("11")])
    }

    @Test func damagedImageIsSaidSoAndCanBeRemoved() throws {
        let id = try imageID("01")
        try store.scratch.write("{", to: "images/index/\(id).json")
        #expect { try store.resolve(LabelledName("one")) } throws: {
            if case .damaged? = $0 as? StoreError { true } else { false }
        }
        try store.remove(id)
        try store.collectGarbage(unusedFor: .seconds(3600))
        #expect(store.layerNames.isEmpty)
        #expect(store.scratch.list("images/index/names").isEmpty)
    }

    @Test func imageThatCouldNotBeReadBackIsNotStored() throws {
        var deep: JSON = 1
        for _ in 0..<64 { deep = [deep] }
        let image = FetchedImage(
            id: try imageID("02"),
            names: [try LabelledName("deep")],
            layers: [try store.layer(layerID("11"))],
            manifest: deep
        )
        let verified = VerifiedImage(image, exemption: .localImport)
        var refusal: (any Error)?
        do { _ = try store.open().commit(verified) } catch { refusal = error }
        #expect("\(refusal.map { "\($0)" } ?? "")".contains("nested deeper"))
        #expect(try store.identifiers() == [imageID("01")])
        #expect(store.scratch.list("images/index/names") == ["one.json"])
    }
}
