internal import AppContainer
internal import Linux

/// The names of the files in a pod's directory that only stage0 writes and reads; see also `PodFile`.
enum PodFiles {
    /// The last plan, from which `enter` takes an app's confinement.
    static let plan = "plan"

    static func app(_ name: ACName) -> String { "appsinfo/\(name)" }
    static let imageManifest = "manifest"
    static let layers = "layers"
    static let volumes = "sharedVolumes"
    static let overlay = "overlay"
    /// The path of the pod's stage1, if that isn't the installed one.
    static let stage1 = "stage1-path"
}

extension Directory {
    /// Makes a directory with exactly these permissions, for any user's ids.
    func makeOwned(_ name: String, mode: UInt32, uid: UInt32 = 0, gid: UInt32 = 0) throws(Errno) {
        try makeDirectory(name, mode: mode & 0o777)
        let made = try directory(name)
        if uid != 0 || gid != 0 { try made.descriptor.setOwner(uid: uid, gid: gid) }
        // Behind the owner, whose change clears set-id bits; the mask of the process doesn't count here.
        try made.descriptor.setPermissions(mode)
    }
}
