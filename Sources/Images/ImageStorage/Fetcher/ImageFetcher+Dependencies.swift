package import AppContainer
internal import References

extension ImageFetcher {
    /// The stored image of a reference, and all that it depends on, as a pod's app stands on it.
    ///
    /// Dependencies are found as the image itself is: by name in the store first, unless the policy says otherwise, then where
    /// their host says, and under the same trust.
    package func assemble(_ image: StoredImage) throws(AssemblyError) -> AssembledImage {
        try store.assemble(image, gather(image))
    }

    /// Brings all that an image depends on into the store.
    @discardableResult
    package func gather(_ image: StoredImage) throws(AssemblyError) -> ImageAssembly {
        let assembly = try ImageAssembly(image) { (dependency) throws(FetchError) in
            try self.image(of: dependency)
        }
        for dependency in assembly.dependencies { store.recordUse(of: dependency) }
        return assembly
    }

    /// The image of a dependency.
    ///
    /// One that is pinned by its ID can't be another one tomorrow: the store's is it.
    package func image(of dependency: Dependency) throws(FetchError) -> StoredImage {
        let image = try found(dependency)
        let name = LabelledName(dependency.imageName, labels: dependency.labels)
        return try admitted(image, as: name.names.first(where: image.isNamed))
    }

    private func found(_ dependency: Dependency) throws(FetchError) -> StoredImage {
        let name = LabelledName(dependency.imageName, labels: dependency.labels)
        let known = try found { () throws(StoreError) in
            if let pin = dependency.imageID { return try store.resolve(pin.stored) }
            guard dependencyPolicy != .update else { throw .notFound(name.description) }
            return try store.resolve(name, runsHere: true)
        }
        let asked = known.flatMap { name.names.first(where: $0.isNamed) }
        if let known, try suffices(known, as: asked, dependencyPolicy) { return known }
        guard dependencyPolicy != .never else { throw .unavailable(name.description) }
        return try discover(name, size: dependency.size)
    }
}
