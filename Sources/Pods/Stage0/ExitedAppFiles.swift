internal import AppContainer
package import ImageStorage
internal import JSON
package import Linux
package import References

/// The files of an app as its pod left them.
package struct ExitedAppFiles {
    /// The image that the app ran, as the pod has it; its layers are the app's.
    package let image: StoredImage
    /// What lies above the layers, in the pod's directory.
    package let changes: String

    /// Reads what a pod's directory says about an app.
    ///
    /// - Parameters:
    ///   - id: the app's image.
    ///   - name: what the image is called.
    package init(
        of app: String,
        _ id: ImageID,
        named name: LabelledName?,
        in pod: borrowing Directory
    ) throws(Stage0Error) {
        let own = "appsinfo/\(app)"
        let text = try step("read the app's manifest") { () throws(Errno) in
            try pod.readFile("\(own)/\(PodFiles.imageManifest)", limit: 32 << 20)
        }
        guard let manifest = try? JSON.parse(text, limit: text.count) else {
            throw .app(app, reason: "\"\(own)/manifest\" of the pod is damaged")
        }
        var layers: [LayerID] = []
        if pod.contains(AppRoot.copyPath(app)) {
            changes = AppRoot.copyPath(app)
        } else {
            changes = "\(PodFiles.overlay)/\(app)/upper"
            let lines = try step("read the app's layers") { () throws(Errno) in
                try pod.readFile("\(own)/\(PodFiles.layers)")
            }
            for line in lines.split(separator: 0x0A) {
                guard let layer = LayerID(String(decoding: line, as: UTF8.self)) else {
                    throw .app(app, reason: "\"\(own)/layers\" of the pod is damaged")
                }
                layers.append(layer)
            }
        }
        image = StoredImage(
            id: id,
            names: [name].compactMap(\.self),
            layers: layers,
            size: 0,
            importTime: 0,
            manifest: manifest
        )
    }
}
