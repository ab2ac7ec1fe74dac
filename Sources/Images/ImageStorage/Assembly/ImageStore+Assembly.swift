internal import Linux

/// An image as a pod's app stands on it.
package struct AssembledImage {
    /// The image; its layers are those that make its root, dependencies' included.
    package let image: StoredImage
    /// The images below it, which are as much in use as it is.
    package let dependencies: [ImageID]
    /// A rendered tree stays in the store as long as this lives.
    private let hold: LayerHold?

    fileprivate init(alone image: StoredImage) {
        (self.image, dependencies, hold) = (image, [], nil)
    }

    fileprivate init(_ image: StoredImage, _ assembly: ImageAssembly, _ hold: LayerHold?) {
        self.image = image.standing(on: hold.map { [$0.layer] } ?? assembly.layers)
        dependencies = assembly.dependencies
        self.hold = hold
    }
}

extension ImageStore {
    /// Makes what an assembled image's root consists of: layers as they are, or a tree if lists of paths are in play.
    package func assemble(
        _ image: StoredImage,
        _ assembly: ImageAssembly
    ) throws(AssemblyError) -> AssembledImage {
        AssembledImage(image, assembly, try hold(assembly))
    }

    /// An image without those that it depends on.
    package func alone(_ image: StoredImage) -> AssembledImage { AssembledImage(alone: image) }

    /// The layers that images together show, from the bottom; a rendered tree is one.
    ///
    /// - Returns: also what keeps a tree from being collected.
    package func layers(
        of assembly: ImageAssembly
    ) throws(AssemblyError) -> (layers: [LayerID], hold: LayerHold?) {
        let hold = try hold(assembly)
        return (hold.map { [$0.layer] } ?? assembly.layers, hold)
    }

    private func hold(_ assembly: ImageAssembly) throws(AssemblyError) -> LayerHold? {
        guard assembly.needsTree else { return nil }
        do throws(StoreError) { return try render(assembly) } catch {
            throw .rendering(assembly.name, error)
        }
    }

    /// The tree of an assembly, which one process makes for all that want it.
    private func render(_ assembly: ImageAssembly) throws(StoreError) -> LayerHold {
        switch try claim(assembly.tree) {
        case .present(let hold): return hold
        case .missing(let build):
            try reclaim()
            let tree = try makeTree()
            let size = try copy(assembly, into: tree.directory)
            return try finish(build, with: tree, LayerNote(size: size))
        }
    }

    private func copy(
        _ assembly: ImageAssembly,
        into root: borrowing Directory
    ) throws(StoreError) -> UInt64 {
        var copy = try storing("open", Self.temporary) { () throws(Errno) in
            TreeCopy(into: try root.duplicate())
        }
        for part in assembly.parts.reversed() {
            let path = StoredImage.directory(of: part.layer)
            let keeps = part.isWhole ? nil : part.keeps
            try storing("copy", path) { () throws(Errno) in
                let layer = try data.directory(path)
                try copy.add(layer: layer, keeps)
            }
        }
        return copy.size
    }
}
