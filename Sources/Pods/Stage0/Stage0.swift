package import AppContainer
package import ImageStorage
internal import JSON
package import Linux
internal import PodLifecycle
internal import Stage1ABI

/// The first stage: makes a pod's directory complete, decides how it runs, and becomes the second stage.
package struct Stage0 {
    /// The directory of stage1 (`lib/rkt`, beside the directory of `rkt` itself).
    let library: String
    /// The data directory, absolute.
    let dataDirectory: String

    /// The stage of an installation and a data directory.
    package init(library: String, dataDirectory: String) {
        self.library = library
        self.dataDirectory = dataDirectory
    }

    /// The directory of the programs that belong to this `rkt`.
    package static func library(ofProgram path: String) -> String {
        let bin = path.split(separator: "/").dropLast()
        return "/" + (bin.dropLast() + ["lib", "rkt"]).joined(separator: "/")
    }

    /// The stage1 program at a path: the file itself, or `stage1` in a directory.
    package static func stage1(at path: String) throws(Stage0Error) -> String {
        var path = path
        let bytes: [UInt8]
        do throws(Errno) {
            let kind = try Descriptor.open(path, .nonBlocking).status().kind
            if kind == .directory { path += "/stage1" }
            bytes = try readHostFile(path, limit: 64 << 20)
        } catch { throw .configuration(path, reason: error.description) }
        guard Stage1Program.isStage1(bytes) else {
            throw .configuration(path, reason: "it is not a stage1 that belongs to this rkt")
        }
        return path
    }

    /// Writes what a pod needs at its start: manifests, directories for changes, volumes, status and logs.
    ///
    /// The layers files come before the caller's last look at the store (`ImageStore.contains`), so that nobody
    /// removes an image that a pod has begun to use.
    ///
    /// The permissions of new files are what is said here: the process's file mode mask is set for good.
    ///
    /// - Parameter stage1: another stage1 than the installed one, as ``stage1(at:)`` gives it: the pod has it for good.
    package func prepare(
        _ pod: borrowing Directory,
        manifest: PodManifest,
        images: [StoredImage],
        copiesRoots: Bool,
        stage1: String? = nil
    ) throws(Stage0Error) {
        CurrentProcess.setFileModeMask(0o022)
        try step("write the pod's files") { () throws(Errno) in
            let apps = try pod.making("appsinfo")
            let logs = try pod.making(PodFile.logs)
            for (app, image) in zip(manifest.apps, images) {
                let own = try apps.making(app.name.text)
                try own.createFile(PodFiles.imageManifest, image.manifestBytes, mode: 0o600)
                try own.createFile(PodFiles.layers, image.layersFile, mode: 0o600)
                try logs.makeDirectory(app.name.text, mode: 0o700)
            }
            _ = try pod.makingDirectories(PodFile.status, mode: 0o755)
            if let stage1 {
                try pod.createFile(PodFiles.stage1, Array(stage1.utf8), mode: 0o600)
            }
            // In one step: who lists pods meanwhile reads it whole or not at all, also when the disk is full.
            try pod.replaceFile(PodFile.manifest, manifest.json.encodedBytes() + [0x0A])
        }
        try makeVolumes(of: manifest, in: pod)
        if copiesRoots {
            try copyRoots(of: manifest, images: images, in: pod)
        } else {
            try makeOverlays(of: manifest, in: pod)
        }
    }

    private func makeOverlays(
        of manifest: PodManifest,
        in pod: borrowing Directory
    ) throws(Stage0Error) {
        try step("make the directories for changes") { () throws(Errno) in
            let overlay = try pod.making(PodFiles.overlay)
            for app in manifest.apps {
                let own = try overlay.making(app.name.text)
                // The root of an overlay looks like its upper directory: every user may enter it.
                try own.makeDirectory("upper", mode: 0o755)
                try own.makeDirectory("work", mode: 0o700)
            }
        }
    }

    private func makeVolumes(
        of manifest: PodManifest,
        in pod: borrowing Directory
    ) throws(Stage0Error) {
        var volumes: [Volume] = []
        for app in manifest.apps {
            for mount in try app.boundMounts(volumes: manifest.volumes)
            where !volumes.contains(where: { $0.name == mount.volume.name }) {
                volumes.append(mount.volume)
            }
        }
        try step("make the pod's volumes") { () throws(Errno) in
            for volume in volumes {
                guard case .empty(let mode, let uid, let gid) = volume.kind else { continue }
                try pod.making(PodFiles.volumes)
                    .makeOwned(volume.name.text, mode: UInt32(mode), uid: uid, gid: gid)
            }
        }
    }
}

extension Directory {
    /// Makes a directory in this one and opens it; one that is there already is fine.
    func making(_ name: String) throws(Errno) -> Directory {
        do throws(Errno) {
            try makeDirectory(name, mode: 0o700)
        } catch {
            guard error == .exists else { throw error }
        }
        return try directory(name)
    }
}

/// Runs one step; what the kernel refuses is reported with the step's name.
func step<Result: ~Copyable>(
    _ name: String,
    _ body: () throws(Errno) -> Result
) throws(Stage0Error) -> Result {
    do throws(Errno) {
        return try body()
    } catch {
        throw .system(name, error)
    }
}
