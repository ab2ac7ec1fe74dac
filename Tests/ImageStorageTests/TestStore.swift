import AppContainer
import JSON
import Linux
import References
import TestSupport
import Trust

@testable import ImageStorage

/// A store in a directory of the test's own, filled without unpacking anything.
struct TestStore {
    let scratch: Scratch

    init() throws { scratch = try Scratch(mode: 0o700) }

    /// The store, opened as another process would.
    func open() throws -> ImageStore { ImageStore(data: try Directory(path: scratch.path)) }

    /// Builds a layer with one file in it, unless it is there.
    func layer(_ id: LayerID) throws -> LayerHold {
        let store = try open()
        switch try store.claim(id) {
        case .present(let hold): return hold
        case .missing(let build):
            let tree = try store.makeTree()
            try tree.directory.createFile("file", Array(id.description.utf8))
            return try store.finish(build, with: tree, LayerNote(size: 10))
        }
    }

    /// Commits an image.
    @discardableResult
    func add(
        _ id: ImageID,
        names: [String] = [],
        layers: [LayerID],
        blobs: [(digest: String, bytes: [UInt8])] = []
    ) throws -> StoredImage {
        let image = FetchedImage(
            id: id,
            names: try names.map { try LabelledName($0) },
            layers: try layers.map(layer),
            manifest: ["acKind": "ImageManifest"],
            blobs: blobs
        )
        return try open().commit(VerifiedImage(image, exemption: .insecureImageOption))
    }

    /// A pod that uses layers, as stage0 leaves it.
    func addPod(_ pod: String, phase: String = "run", layers: [LayerID]) throws {
        try scratch.write(
            layers.map { "\($0)\n" }.joined(),
            to: "pods/\(phase)/\(pod)/appsinfo/app/layers"
        )
    }

    // `#expect` can't look into a value that can't be copied, so the store's answers are asked for here.

    func resolve(_ name: LabelledName) throws -> StoredImage { try open().resolve(name) }
    func resolve(_ prefix: ImageHash) throws -> StoredImage { try open().resolve(prefix) }
    func image(_ id: ImageID) throws -> StoredImage? { try open().image(id) }
    func image(from source: ImageSource) throws -> StoredImage? { try open().image(from: source) }
    func identifiers() throws -> [ImageID] { try open().identifiers() }
    func blob(_ digest: String) throws -> [UInt8] { try open().blob(digest) }
    @discardableResult
    func remove(_ id: ImageID) throws -> [LayerID] { try open().remove(id) }
    @discardableResult
    func collectGarbage(unusedFor grace: Duration) throws -> [StoredImage] {
        try open().collectGarbage(unusedFor: grace).removed.map(\.image)
    }
    func lastUse(of id: ImageID) throws -> Time? { try open().lastUse(of: id) }
    func recordUse(of id: ImageID) throws { try open().recordUse(of: id) }

    var layerNames: [String] {
        scratch.list("images/layers").filter { !$0.hasSuffix(".note") }
    }
}

/// An ID whose digits are the given ones and then zeros.
func imageID(_ digits: String, _ algorithm: String = "sha512") throws -> ImageID {
    let padding = String(repeating: "0", count: 64 - digits.count)
    guard let id = ImageID("\(algorithm)-\(digits)\(padding)") else {
        throw StoreError.notFound(digits)
    }
    return id
}

/// A layer whose digits are the given ones and then zeros.
func layerID(_ digits: String) throws -> LayerID {
    LayerID(of: try imageID(digits, "sha256"))
}
