package import AppContainer

/// A volume at its place in an app's root.
package struct BoundMount: Equatable, Sendable {
    package let volume: Volume
    /// The path in the root, absolute and clean.
    package let path: String
    package let isReadOnly: Bool
    /// Nobody gave a volume for this mount point of the image.
    package let isImplicit: Bool
}

extension RuntimeApp {
    /// Which volume is mounted where: first what the pod says, then the image's mount points by name.
    ///
    /// A mount point without a volume gets an empty one, so that its data is at least not in the root; where the pod
    /// has something of its own it gets none.
    package func boundMounts(volumes: [Volume]) throws(Stage0Error) -> [BoundMount] {
        let points = app?.mountPoints ?? []
        var result: [BoundMount] = []
        for mount in mounts {
            guard let volume = mount.appVolume ?? volumes.first(where: { $0.name == mount.volume })
            else { throw .app(name.text, reason: "could not find volume \"\(mount.volume)\"") }
            let point = points.first { RootPath($0.path) == RootPath(mount.path) }
            result.append(bind(volume, mount.path, isReadOnly: point?.isReadOnly))
        }
        for point in points where !result.contains(where: { $0.path == RootPath(point.path).text })
        {
            if let volume = volumes.first(where: { $0.name == point.name }) {
                result.append(bind(volume, point.path, isReadOnly: point.isReadOnly))
            } else if !point.isThePodsOwn {
                result.append(
                    BoundMount(
                        volume: try implicitVolume(point.name),
                        path: RootPath(point.path).text,
                        isReadOnly: point.isReadOnly,
                        isImplicit: true
                    )
                )
            }
        }
        for mount in result { try check(mount) }
        // A parent is mounted before what lies in it.
        return result.sorted { depth($0) < depth($1) }
    }

    /// The mount points of the image that stay without a volume, because nobody gave one and the pod has its own there.
    fileprivate func ignoredMountPoints(volumes: [Volume]) -> [MountPoint] {
        (app?.mountPoints ?? []).filter { point in
            point.isThePodsOwn && !volumes.contains { $0.name == point.name }
                && !mounts.contains { RootPath($0.path) == RootPath(point.path) }
        }
    }

    /// The volume's own word wins over the mount point's, in both directions.
    private func bind(_ volume: Volume, _ path: String, isReadOnly: Bool?) -> BoundMount {
        BoundMount(
            volume: volume,
            path: RootPath(path).text,
            isReadOnly: volume.isReadOnly ?? isReadOnly ?? false,
            isImplicit: false
        )
    }

    private func depth(_ mount: BoundMount) -> Int { RootPath(mount.path).components.count }

    private func implicitVolume(_ point: ACName) throws(Stage0Error) -> Volume {
        let kind = Volume.Kind.empty(mode: Volume.defaultMode, uid: 0, gid: 0)
        do throws(ManifestError) {
            return Volume(name: try ACName("\(name)-\(point)"), kind: kind)
        } catch {
            throw .app(name.text, reason: error.description)
        }
    }

    /// What an image may not cover: its own root, and the `/proc` that the sandbox is written through
    /// (CVE-2019-16884).
    private func check(_ mount: BoundMount) throws(Stage0Error) {
        let path = RootPath(mount.path)
        guard !path.components.isEmpty, !path.isWithin(any: "/proc") else {
            throw .app(name.text, reason: "a volume can't be mounted at \"\(mount.path)\"")
        }
    }
}

extension MountPoint {
    /// An empty volume here would hide the root, or what every pod has from the kernel.
    ///
    /// Images that ask for it rely on engines that mount their own over it.
    fileprivate var isThePodsOwn: Bool {
        let path = RootPath(self.path)
        return path.components.isEmpty || path.isWithin(any: "/proc", "/sys", "/dev")
    }
}

extension PodManifest {
    /// One warning for each mount point that nobody gave a volume for: in rkt's words if it got an empty one.
    package func implicitVolumeWarnings() -> [String] {
        apps.flatMap { app in
            let mounts = (try? app.boundMounts(volumes: volumes)) ?? []
            let made = mounts.filter(\.isImplicit).map { mount in
                "warning: no volume specified for mount point \"\(mount.path)\" of app "
                    + "\"\(app.name)\", implicitly creating an \"empty\" volume. This volume will be "
                    + "removed when the pod is garbage-collected."
            }
            let ignored = app.ignoredMountPoints(volumes: volumes).map { point in
                "warning: mount point \(point.path.debugDescription) of app \"\(app.name)\" is ignored: "
                    + "the pod has its own there"
            }
            return made + ignored
        }
    }
}
