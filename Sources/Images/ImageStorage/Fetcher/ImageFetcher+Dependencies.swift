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
        try admitted(found(dependency))
    }

    private func found(_ dependency: Dependency) throws(FetchError) -> StoredImage {
        let name = LabelledName(dependency.imageName, labels: dependency.labels)
        do throws(StoreError) {
            if let pin = dependency.imageID { return try store.resolve(pin.stored) }
            if dependencyPolicy != .update {
                return try store.resolve(name, runsHere: true)
            }
        } catch {
            guard case .notFound = error else { throw .store(error) }
        }
        guard dependencyPolicy != .never else { throw .unavailable(name.description) }
        return try discover(name, size: dependency.size)
    }
}
