package import AppContainer
internal import JSON
internal import OCI

extension StoredImage {
    /// What docker2aci notes in the images it makes.
    private static let madeFromDocker = "appc.io/docker/repository"

    /// Why the image's stop signal isn't used, if it isn't.
    package func stopSignalWarning() -> String? {
        guard isOCI,
            let execution = try? ImageConfiguration(at: JSONCursor(manifest)).execution,
            execution.hasUnknownStopSignal
        else { return nil }
        return
            "the stop signal \(execution.stopSignal.debugDescription) of image \"\(id.abbreviated(to: 12))\" is unknown: "
            + "SIGTERM is used"
    }

    /// What runs, in terms of appc for both formats; nil for an ACI without `app`.
    package func app() throws(StoreError) -> App? {
        do {
            if isOCI { return try App(ImageConfiguration(at: JSONCursor(manifest))) }
            let manifest = try ImageManifest(at: JSONCursor(manifest))
            var app = manifest.app
            app?.isConverted = manifest.annotations[Self.madeFromDocker] != nil
            return app
        } catch {
            throw .damaged(path: ImageStore.record(of: id), reason: "\(error)")
        }
    }
}
