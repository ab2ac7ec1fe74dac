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
        for (app, image) in zip(manifest.apps, images) {
            try step("copy the layers of the app \"\(app.name)\"") { () throws(Errno) in
                let path = AppRoot.copyPath(app.name.text)
                var copy = TreeCopy(into: try pod.makingDirectories(path, mode: 0o755))
                let data = try Directory(path: dataDirectory)
                for layer in image.layers {
                    try copy.add(layer: data.directory(StoredImage.directory(of: layer)))
                }
            }
        }
    }
}
