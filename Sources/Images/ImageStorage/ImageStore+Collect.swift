internal import Linux

/// An image that a collection removed.
package struct CollectedImage: Sendable {
    /// The image, which is gone.
    package let image: StoredImage
    /// The bytes that its own files took.
    package let freed: UInt64
}

/// What a collection did.
package struct ImageCollection: Sendable {
    /// The images removed, the longest unused first.
    package let removed: [CollectedImage]
    /// The bytes that the remaining images take.
    package let kept: UInt64
}

extension ImageStore {
    /// Removes images that no pod has, then layers nobody has, and what killed processes left.
    ///
    /// - Parameters:
    ///   - grace: what was not used for so long goes; nil for nothing.
    ///   - limit: the longest unused go until the rest takes no more bytes than this; nil for all the disk.
    package func collectGarbage(
        unusedFor grace: Duration?,
        keeping limit: UInt64? = nil
    ) throws(StoreError) -> ImageCollection {
        try reclaim()
        try settle()
        try withIndexLock { () throws(StoreError) in try removeStrayNames() }
        let inUse = try layersOfPods()
        let images = try list().map { ($0, lastUseOrImport(of: $0)) }.sorted { $0.1 < $1.1 }
        var budget = StorageBudget()
        for (image, _) in images { budget.add(files(of: image)) { self.size($0) } }
        var removed: [CollectedImage] = []
        for (image, lastUse) in images where !image.layers.contains(where: inUse.contains) {
            let isOld = grace.map { lastUse <= Self.before($0) } ?? false
            guard isOld || limit.map({ budget.total > $0 }) ?? false else { continue }
            removed.append(CollectedImage(image: image, freed: budget.remove(files(of: image))))
        }
        let present = try names(in: Self.layers).compactMap { name in
            LayerID(name.hasSuffix(LayerID.noteSuffix) ? String(name.dropLast(5)) : name)
        }
        try sweep(
            removing: removed.map { ($0.image.id, $0.image.names) },
            layers: Set(present)
        )
        try forgetSources()
        try forgetRemotes()
        try removeOldDownloads()
        return ImageCollection(removed: removed, kept: budget.total)
    }

    private func lastUseOrImport(of image: StoredImage) -> Int64 {
        lastUse(of: image.id)?.seconds ?? image.importTime / 1_000_000_000
    }

    private static func before(_ grace: Duration) -> Int64 {
        let (limit, overflow) = Time.now().seconds
            .subtractingReportingOverflow(grace.components.seconds)
        return overflow ? .min : limit
    }

    /// The layers and blobs of an image, by their paths.
    private func files(of image: StoredImage) -> Set<String> {
        Set(image.layers.map { StoredImage.directory(of: $0) } + image.blobs.compactMap(Self.blob))
    }

    private func size(_ path: String) -> UInt64 {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        if path.hasPrefix(Self.layers), let layer = LayerID(name) { return note(of: layer).size }
        return (try? data.status(of: path).size) ?? 0
    }
}
