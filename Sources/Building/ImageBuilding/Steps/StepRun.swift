package import AppContainer
internal import Cgroups
package import ImageStorage
internal import JSON
internal import Linux
internal import PodLifecycle
package import Stage0

/// Runs a program in the image that is being built: a pod of its own, whose changes become the image's.
///
/// It is confined as any app of an ACI is; by the same code, so nothing of the image runs in another way (R6).
package struct StepRun: ~Copyable {
    /// The program and everything about its process.
    package var app: App
    /// The network it has; the host's unless it is told, as it mostly fetches something.
    package var network = NetworkMode.host
    /// What it sees besides the image.
    package var volumes: [StepVolume] = []
    private let library: String
    private let warn: (String) -> Void

    private static let name = ACIdentifier(known: "step")
    private static let kill: UInt = 9
    private static let deathSignal: Int32 = 1

    /// A run of a program; `library` is where stage1 lies (``Stage0``).
    package init(_ app: App, library: String, warn: @escaping (String) -> Void) {
        self.app = app
        self.library = library
        self.warn = warn
    }

    /// Something that is mounted while it runs; it and its place, if that wasn't there, are no change of the image.
    package struct StepVolume {
        let path: String
        let kind: Volume.Kind
        let isReadOnly: Bool
    }

    /// What a run left behind.
    package struct Changes: Sendable {
        /// The overlay's upper directory, relative to the workshop.
        package let path: String

        /// The directory it is in.
        var parent: String {
            path.split(separator: "/").dropLast().joined(separator: "/")
        }

        /// Its name there.
        var name: String { path.split(separator: "/").last.map(String.init) ?? path }

        fileprivate let pod: PodUUID

        /// Removes the pod, and what nobody has taken of its changes.
        package func release(in workshop: borrowing Workshop) {
            StepRun.remove(pod, in: workshop.path)
        }
    }

    private static func remove(_ uuid: PodUUID, in path: String) {
        do {
            let pods = try PodsDirectory(dataDirectory: path)
            guard let pod = try pods.claimExited(uuid)?.garbage() else { return }
            try CgroupRemoval.remove(pod.cgroups())
            try pod.remove()
        } catch {
            // Whoever collects pods later tries again.
        }
    }

    /// Runs the program and waits for its end; an exit code other than zero is an error.
    ///
    /// The pod stays until its changes are released.
    ///
    /// - Parameter layers: what it sees, from the bottom.
    package func run(
        above layers: [LayerID],
        in workshop: borrowing Workshop
    ) throws -> Changes {
        let root = try workshop.root(layers)
        let stage0 = Stage0(library: library, dataDirectory: workshop.path)
        let pods = try PodsDirectory(dataDirectory: workshop.path)
        let pod = try pods.create().preparing()
        let uuid = pod.uuid
        let (manifest, image) = try description(layers)
        try stage0.prepare(
            pod.directory,
            manifest: manifest,
            images: [image],
            copiesRoots: false
        )
        let upper = "overlay/\(Self.name)/upper"
        try step("prepare the run") { () throws(Errno) in
            // The root of an overlay looks like its upper directory.
            let directory = try pod.directory.directory(upper)
            try directory.descriptor.describe(as: root.status(), root.attributes())
        }
        let status = try wait(for: pod.running(), stage0, manifest)
        let path = "pods/run/\(uuid)/\(upper)"
        do {
            switch status {
            case .exited(0):
                var skeleton = Skeleton(before: root)
                skeleton.mountPoints = volumes.map(\.path)
                try skeleton.remove(from: workshop.directory, path)
            case .exited(let code): throw BuildError.program(exitCode: code)
            case .signaled(let signal): throw BuildError.program(exitCode: 128 + signal)
            }
        } catch {
            Self.remove(uuid, in: workshop.path)
            throw error
        }
        return Changes(path: path, pod: uuid)
    }

    /// Runs the pod to its end; afterwards this process holds nothing of it.
    private func wait(
        for pod: consuming RunningPod,
        _ stage0: Stage0,
        _ manifest: PodManifest
    ) throws -> ExitStatus {
        if let child = try Child.fork() { return try child.wait() }
        start(pod, stage0, manifest)
    }

    /// In the child: becomes the supervisor, and dies with the process that waits for it.
    private func start(
        _ pod: consuming RunningPod,
        _ stage0: Stage0,
        _ manifest: PodManifest
    ) -> Never {
        do {
            try CurrentProcess.control(Self.deathSignal, Self.kill)
            var options = StartOptions()
            options.network = network
            options.dns = network == .host ? .host : .image
            options.hosts = network == .host ? .host : .image
            try stage0.run(pod, manifest: manifest, options: options, warn: warn)
        } catch {
            warn("\(error)")
        }
        CurrentProcess.exit(254)
    }

    private func description(_ layers: [LayerID]) throws -> (PodManifest, StoredImage) {
        let digits = String(repeating: "0", count: ImageID.digits)
        guard let id = ImageID("sha512-\(digits)") else {
            throw BuildError.invalid("cannot name the image")
        }
        let name = try ACName(Self.name.text)
        let image = StoredImage(
            id: id,
            names: [],
            layers: layers,
            size: 0,
            importTime: 0,
            manifest: .null
        )
        var runtime = RuntimeApp(name: name, image: RuntimeImage(id: id.hash), app: app)
        var all: [Volume] = []
        for (index, volume) in volumes.enumerated() {
            let name = try ACName("mount-\(index)")
            all.append(Volume(name: name, kind: volume.kind, isReadOnly: volume.isReadOnly))
            runtime.mounts.append(Mount(volume: name, path: volume.path))
        }
        return (PodManifest(apps: [runtime], volumes: all), image)
    }
}
