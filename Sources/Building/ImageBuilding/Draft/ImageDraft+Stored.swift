internal import AppContainer
package import ImageStorage
internal import JSON
internal import OCI
internal import References

extension ImageDraft {
    /// A draft that begins as a stored image, in its own format or the other one; the layers are the image's.
    package init(_ image: StoredImage, as format: ImageFormat) throws {
        let content: Content
        switch (format, image.isOCI) {
        case (.appc, false):
            content = .appc(try ImageManifest(at: JSONCursor(image.manifest)))
        case (.appc, true):
            content = .appc(
                ImageManifest(
                    name: image.name?.name,
                    version: image.name?.version,
                    ofOCI: try image.app()
                )
            )
        case (.oci, true):
            var configuration = try ImageConfiguration(at: JSONCursor(image.manifest))
            configuration.diffIDs = []
            content = .oci(OCIContent(configuration: configuration, image))
        case (.oci, false):
            let manifest = try ImageManifest(at: JSONCursor(image.manifest))
            guard manifest.dependencies.isEmpty, manifest.pathWhitelist.isEmpty else {
                throw BuildError.invalid(
                    "\"\(image.shownName)\" has dependencies or a pathWhitelist, which an OCI image can't have: "
                        + "only --build-mode=appc can begin with it"
                )
            }
            var configuration = ImageConfiguration(platform: .host)
            if let app = manifest.app { configuration.execution = .init(app) }
            content = .oci(OCIContent(configuration: configuration, image))
        }
        self.init(content, layers: image.layers)
    }
}

extension ImageDraft.OCIContent {
    fileprivate init(configuration: ImageConfiguration, _ image: StoredImage) {
        self.init(configuration: configuration)
        name = image.name?.name.text
        if let version = image.name?.version { tag = version }
    }
}

extension ImageManifest {
    /// What an OCI image says of its app, as a manifest.
    fileprivate init(name: ACIdentifier?, version: String?, ofOCI app: App?) {
        var labels = [
            Label(name: ACIdentifier(known: "os"), value: HostPlatform.operatingSystem),
            Label(name: ACIdentifier(known: "arch"), value: HostPlatform.architecture),
        ]
        if let version {
            labels.append(Label(name: ACIdentifier(known: "version"), value: version))
        }
        var app = app
        // appc has no place for these two, and its own for the group of a user.
        app?.stopSignal = nil
        app?.isOCI = false
        if app?.group == .primary { app?.group = .id(0) }
        app?.environment.removeAll { !$0.hasPortableName }
        self.init(name: name ?? ImageDraft.placeholder, labels: labels, app: app)
    }
}

extension ImageConfiguration.Execution {
    /// What an app means in terms of OCI; event handlers and isolators have no place there.
    fileprivate init(_ app: App) {
        self.init()
        entrypoint = app.exec
        user = app.user == .id(0) && app.group == .id(0) ? "" : "\(app.user):\(app.group)"
        environment = app.environment.map { "\($0.name)=\($0.value)" }
        workingDirectory = app.workingDirectory ?? ""
        volumes = app.mountPoints.map(\.path)
        exposedPorts = app.ports.map { "\($0.number)/\($0.protocol)" }
        labels = app.userLabels
    }
}

extension ImageDraft {
    /// The same image as an ACI; its name and tag become name and version.
    package func asACI() throws -> ImageDraft {
        guard case .oci(let image) = content else { return self }
        let app = try App(image.configuration)
        let manifest = ImageManifest(
            name: try image.name.map { (text) throws(BuildError) in try identifier(text) },
            version: image.tag,
            ofOCI: app.exec.isEmpty ? nil : app
        )
        return ImageDraft(.appc(manifest), layers: layers)
    }
}
