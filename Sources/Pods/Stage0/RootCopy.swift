internal import AppContainer
internal import ImageStorage
internal import Linux

extension Stage0 {
    /// Makes each app's root a directory of its own (`--no-overlay`).
    func copyRoots(
        of manifest: PodManifest,
        images: [StoredImage],
        in pod: borrowing Directory
    ) throws(Stage0Error) {
        throw .flag("--no-overlay is not built yet")
    }
}
