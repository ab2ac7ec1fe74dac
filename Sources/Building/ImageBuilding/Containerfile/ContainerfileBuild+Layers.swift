internal import Containerfiles
internal import ImageStorage
internal import Linux
internal import OCI

extension ContainerfileBuild {
    /// Where a layer is put when it is complete.
    struct LayerPlace: ~Copyable {
        let parent: Directory
        let name: String
    }

    /// What a step depends on, as digits that can name a layer.
    static func key(_ parts: String...) -> String {
        digest(of: Array(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8)).hex
    }

    /// Adds the layer of a step: the one of its key, made by `make` unless it is there.
    func addLayer(
        _ key: String,
        _ instruction: Instruction,
        _ state: inout StageState,
        _ make: ([LayerID], borrowing LayerPlace) throws -> Void
    ) throws {
        guard let layer = LayerID("sha256-\(key)") else {
            throw BuildError.invalid("cannot name a layer")
        }
        let path = StoredImage.directory(of: layer)
        let isKnown = !options.ignoresCache && workshop.directory.contains(path)
        report(instruction.line, instruction.text, isKnown)
        if !isKnown {
            let parent = try step("make a layer") { () throws(Errno) in
                try workshop.directory.makingDirectories("images/layers", mode: 0o700)
            }
            if options.ignoresCache {
                try step("make a layer") { () throws(Errno) in
                    try parent.removeTree(layer.description)
                    try workshop.forgetBlobs(of: layer)
                }
            }
            let layers = state.layers.isEmpty ? [try emptyLayer()] : state.layers
            do {
                try make(layers, LayerPlace(parent: parent, name: layer.description))
            } catch BuildError.system(_, .directoryNotEmpty) {
                // Another build has made the same layer meanwhile, which is as good.
            } catch BuildError.system(_, .exists) {}
        }
        // A step that stands twice has the same effect the second time.
        state.layers.removeAll { $0 == layer }
        state.layers.append(layer)
        state.key = key
        state.note(instruction.text, hasLayer: true, date)
    }

    /// A layer without anything, for a pod or a look at an image that has none.
    func emptyLayer() throws(BuildError) -> LayerID {
        guard let layer = LayerID("sha256-\(Self.key("empty"))") else {
            throw .invalid("cannot name a layer")
        }
        try step("make a layer") { () throws(Errno) in
            let layers = try workshop.directory.makingDirectories("images/layers", mode: 0o700)
            do throws(Errno) {
                try layers.makeDirectory(layer.description, mode: 0o755)
            } catch {
                guard error == .exists else { throw error }
                return
            }
            let made = try layers.directory(layer.description)
            try made.descriptor.setTime(seconds: date.ofNewDirectories, nanoseconds: 0)
        }
        return layer
    }

    /// The root of an image so far.
    func root(_ layers: [LayerID]) throws(BuildError) -> MergedDirectory {
        try workshop.root(layers.isEmpty ? [emptyLayer()] : layers)
    }

    /// Makes a layer by staging files.
    func stage(
        above layers: [LayerID],
        as place: borrowing LayerPlace,
        _ fill: (inout TreeStaging) throws -> Void
    ) throws {
        let temporary = try workshop.makeTemporary()
        defer { workshop.remove(temporary) }
        let changes = try workshop.open(temporary)
        let root = try root(layers)
        try step("make a layer") { () throws(Errno) in
            try changes.descriptor.describe(as: root.status(), root.attributes())
        }
        var staging = TreeStaging(into: changes, above: root, date: date)
        try fill(&staging)
        for warning in staging.warnings { warn("warning: \(warning)") }
        try step("keep the changes") { () throws(Errno) in
            try workshop.directory.directory("staging")
                .rename(temporary.name, to: place.parent, as: place.name)
        }
    }
}

extension ContainerfileBuild {
    /// A file name for any text.
    package static func name(for text: String) -> String { key(text) }
}
