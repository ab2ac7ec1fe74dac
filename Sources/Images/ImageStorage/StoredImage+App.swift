package import AppContainer
internal import JSON
internal import OCI

extension StoredImage {
    /// What runs, in terms of appc for both formats; nil for an ACI without `app`.
    package func app() throws(StoreError) -> App? {
        do {
            if isOCI { return try App(ImageConfiguration(at: JSONCursor(manifest))) }
            return try ImageManifest(at: JSONCursor(manifest)).app
        } catch {
            throw .damaged(path: ImageStore.record(of: id), reason: "\(error)")
        }
    }
}
