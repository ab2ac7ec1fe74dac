package import AppContainer
internal import Hashes
internal import JSON
internal import References

/// An image with all that it depends on, in the order in which they lie over one another.
///
/// An image lies over its dependencies, and of those a later one over an earlier one with all that the later one depends on
/// itself: A on [B, C] and C on [D] is, from the top, A C D B (appc, Dependency Matching). An image that stands twice is of
/// effect only where it stands higher.
package struct ImageAssembly: Sendable {
    /// How deep dependencies of dependencies may be.
    static let deepest = 32
    /// How many images there may be in all.
    static let mostParts = 256

    /// The files of one image, and which of them are left.
    struct Part: Sendable, Equatable {
        let layer: LayerID
        /// The image's own list, which keeps all its directories.
        let own: PathFilter?
        /// The lists of the images that depend on it, nearest last.
        let above: [PathFilter]

        func keeps(_ path: [UInt8], isDirectory: Bool) -> Bool {
            (own == nil || isDirectory || own?.keeps(path, isDirectory: false) == true)
                && above.allSatisfy { $0.keeps(path, isDirectory: isDirectory) }
        }

        var isWhole: Bool { own == nil && above.isEmpty }
    }

    /// What finds the image of a dependency.
    package typealias Search = (Dependency) throws(FetchError) -> StoredImage

    /// From the top.
    private(set) var parts: [Part] = []
    /// The images below, each once.
    package private(set) var dependencies: [ImageID] = []
    /// What messages call the image on top.
    let name: String

    private var found: [Dependency: StoredImage] = [:]

    /// Puts an image together; an OCI image depends on nothing.
    package init(_ image: StoredImage, find: Search) throws(AssemblyError) {
        name = image.shownName
        guard !image.isOCI else {
            parts = image.layers.reversed().map { Part(layer: $0, own: nil, above: []) }
            return
        }
        try add(image, below: [], [], find)
    }

    /// Puts together what an image under construction depends on.
    package init(
        dependencies: [Dependency],
        of name: String,
        find: Search
    ) throws(AssemblyError) {
        self.name = name
        try add(dependencies, of: name, below: [], [], find)
    }

    /// Whether layers as they are can't express it.
    var needsTree: Bool { !parts.allSatisfy(\.isWhole) }

    /// The layers from the bottom, if they can express it.
    var layers: [LayerID] { parts.reversed().map(\.layer) }

    /// The tree's name: equal for equal images in equal order under equal lists.
    var tree: LayerID {
        let lines = parts.map { part in
            ([part.layer.description, part.own == nil ? "all" : "own"]
                + part.above.map(\.image.description)).joined(separator: " ") + "\n"
        }
        return LayerID(tree: SHA256.digest(Array(lines.joined().utf8)))
    }

    private struct Ancestor {
        let id: ImageID
        let name: String
    }

    private mutating func add(
        _ image: StoredImage,
        below ancestors: [Ancestor],
        _ filters: [PathFilter],
        _ find: Search
    ) throws(AssemblyError) {
        let name = image.shownName
        if let first = ancestors.firstIndex(where: { $0.id == image.id }) {
            throw .cycle(ancestors[first...].map(\.name) + [name])
        }
        guard ancestors.count < Self.deepest else { throw .tooDeep(self.name) }
        let manifest: ImageManifest
        do throws(JSONError) {
            manifest = try ImageManifest(at: JSONCursor(image.manifest))
        } catch { throw .manifest(name, reason: error.description) }
        let own = PathFilter(manifest.pathWhitelist, of: image.id)
        let new = image.layers.map { Part(layer: $0, own: own, above: filters) }
        // Where it stands higher, all below it stands there too.
        if parts.contains(new) { return }
        parts += new.reversed()
        guard parts.count <= Self.mostParts else { throw .tooMany(self.name) }
        if !ancestors.isEmpty, !dependencies.contains(image.id) { dependencies.append(image.id) }
        try add(
            manifest.dependencies,
            of: name,
            below: ancestors + [Ancestor(id: image.id, name: name)],
            filters + [own].compactMap(\.self),
            find
        )
    }

    private mutating func add(
        _ wanted: [Dependency],
        of name: String,
        below ancestors: [Ancestor],
        _ filters: [PathFilter],
        _ find: Search
    ) throws(AssemblyError) {
        guard wanted.count <= Self.mostParts else { throw .tooMany(self.name) }
        for dependency in wanted.reversed() {
            let image = try image(of: dependency, for: name, find)
            try add(image, below: ancestors, filters, find)
            if ancestors.isEmpty, !dependencies.contains(image.id) { dependencies.append(image.id) }
        }
    }

    private mutating func image(
        of dependency: Dependency,
        for name: String,
        _ find: Search
    ) throws(AssemblyError) -> StoredImage {
        if let known = found[dependency] { return known }
        let wanted = LabelledName(dependency.imageName, labels: dependency.labels)
        let image: StoredImage
        do throws(FetchError) { image = try find(dependency) } catch {
            throw .missing(wanted, of: name, error)
        }
        guard !image.isOCI else { throw .foreign(wanted, of: name) }
        guard image.names.contains(where: wanted.matches) else {
            throw .mismatch(wanted, of: name, found: "\"\(image.shownName)\"")
        }
        if let pin = dependency.imageID, !image.id.hash.digits.hasPrefix(pin.storedDigits) {
            throw .mismatch(wanted, of: name, found: "\(image.id), not \(pin)")
        }
        found[dependency] = image
        return image
    }
}

extension ImageHash {
    /// What the store can know of a whole sum: an ID has half of the digits.
    var storedDigits: String { String(digits.prefix(ImageID.digits)) }

    /// The hash as far as the store can know it.
    var stored: ImageHash {
        (try? ImageHash("\(algorithm.rawValue)-\(storedDigits)")) ?? self
    }
}

extension StoredImage {
    /// What messages call it.
    package var shownName: String { displayName.isEmpty ? id.abbreviated(to: 12) : displayName }
}
