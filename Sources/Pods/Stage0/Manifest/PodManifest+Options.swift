package import AppContainer
package import ImageStorage
internal import PodNetworking
internal import References

extension PodManifest {
    /// A pod as the command line describes it: apps, and for each of them the stored image.
    package init(
        apps: [AppOptions],
        images: [StoredImage],
        options: PodOptions
    ) throws(Stage0Error) {
        var manifest = PodManifest(volumes: options.volumes)
        for (app, image) in zip(apps, images) {
            let added = try RuntimeApp(app, image: image, pod: options)
            guard manifest.app(added.name) == nil else {
                throw .manifest("multiple apps with name \(added.name) (see --name)")
            }
            manifest.apps.append(added)
        }
        manifest.ports = options.ports
        try manifest.checkVolumes()
        try manifest.checkPorts()
        self = manifest
    }

    /// Completes a manifest that was written by hand: an app that says nothing about itself is its image's.
    package mutating func complete(images: [StoredImage]) throws(Stage0Error) {
        guard !apps.isEmpty else { throw .manifest("pod must contain at least one application") }
        for (index, image) in images.enumerated() where apps[index].app == nil {
            apps[index].app = try image.appOrEmpty(named: apps[index].name.text)
        }
        for app in apps where app.app?.exec.isEmpty ?? true {
            throw .app(app.name.text, reason: "its \"exec\" is empty")
        }
        try checkVolumes()
        try checkPorts()
    }

    /// Refuses ports that lead nowhere, or to two places.
    private func checkPorts() throws(Stage0Error) {
        do throws(NetworkFlagError) {
            _ = try forwards()
        } catch {
            throw .manifest(error.description)
        }
    }

    private func checkVolumes() throws(Stage0Error) {
        for (index, volume) in volumes.enumerated()
        where volumes[..<index].contains(where: { $0.name == volume.name }) {
            throw .manifest("duplicate volume name \"\(volume.name)\"")
        }
        for mount in apps.flatMap(\.mounts)
        where mount.appVolume == nil && volume(mount.volume) == nil {
            throw .manifest(
                "dangling mount point \"\(mount.path)\": volume \"\(mount.volume)\" not found"
            )
        }
    }
}

extension RuntimeApp {
    /// One app: what the image says, changed by what the command line says.
    init(_ options: AppOptions, image: StoredImage, pod: PodOptions) throws(Stage0Error) {
        let name: ACName
        if let given = options.name { name = given } else { name = try Self.name(image) }
        var app = try image.appOrEmpty(named: name.text)
        app.override(options)
        guard !app.exec.isEmpty else {
            throw .manifest("image \"\(options.image)\" has an empty \"exec\" (try --exec=BINARY)")
        }
        app.environment = AppEnvironment.merged(
            [pod.inheritedEnvironment, app.environment, pod.environment, options.environment]
        )
        self.init(name: name, image: try .init(image), app: app)
        hasReadOnlyRootFS = options.hasReadOnlyRoot
        annotations = options.annotations
        mounts = pod.mounts.filter { common in
            !options.mounts.contains { RootPath($0.path) == RootPath(common.path) }
        }
        mounts += options.mounts
    }

    /// The last part of the image's name; an image without one is called after its ID.
    private static func name(_ image: StoredImage) throws(Stage0Error) -> ACName {
        let last = image.name.map { String($0.name.lastComponent) }
        // Most are names already, and to find that out is cheaper than to make one.
        if let last, let name = try? ACName(last) { return name }
        do throws(ManifestError) {
            return try ACName(sanitizing: last ?? image.id.abbreviated(to: 12))
        } catch {
            throw .manifest("\(error) (name the app with --name)")
        }
    }
}

extension RuntimeImage {
    fileprivate init(_ image: StoredImage) throws(Stage0Error) {
        do throws(ManifestError) {
            self.init(
                name: image.name?.name,
                id: try ImageHash(image.id.description),
                labels: image.name?.labels ?? []
            )
        } catch {
            throw .manifest(error.description)
        }
    }
}

extension StoredImage {
    /// What the image runs; an image that runs nothing by itself can still be given a program.
    fileprivate func appOrEmpty(named name: String) throws(Stage0Error) -> App {
        do throws(StoreError) {
            return try app() ?? App()
        } catch {
            throw .app(name, reason: error.description)
        }
    }
}

extension App {
    fileprivate mutating func override(_ options: AppOptions) {
        if let program = options.program { exec = [program] }
        exec += options.arguments
        if let user = options.user { self.user = user }
        if let group = options.group {
            self.group = group
        } else if options.user != nil, isOCI {
            // As with the image's own `User`: without a group the passwd file's counts.
            self.group = .primary
        }
        if let groups = options.supplementaryGroups { supplementaryGIDs = groups }
        if let directory = options.workingDirectory { workingDirectory = directory }
        userAnnotations.merge(options.userAnnotations) { _, new in new }
        userLabels.merge(options.userLabels) { _, new in new }
        for isolator in options.isolators {
            isolators.removeAll { isolator.replaces($0) }
            isolators.append(isolator)
        }
    }
}

extension Isolator {
    /// Whether this one, given on the command line, stands in for one of the image.
    fileprivate func replaces(_ other: Isolator) -> Bool {
        switch (self, other) {
        case (.memory, .memory), (.cpu, .cpu), (.cpuShares, .cpuShares),
            (.oomScoreAdjustment, .oomScoreAdjustment):
            true
        case (.capabilitiesRetain, .capabilitiesRetain), (.capabilitiesRetain, .capabilitiesRemove),
            (.capabilitiesRemove, .capabilitiesRetain), (.capabilitiesRemove, .capabilitiesRemove):
            true
        case (.seccompRetain, .seccompRetain), (.seccompRetain, .seccompRemove),
            (.seccompRemove, .seccompRetain), (.seccompRemove, .seccompRemove):
            true
        default:
            false
        }
    }
}
