internal import Linux

/// How a process that enters a running pod joins its cgroups.
package enum CgroupMembership {
    /// The files to which the entering process writes `0`, before it joins any namespace.
    ///
    /// - Parameters:
    ///   - directories: the lines of the pod's `subcgroup` file.
    ///   - app: the app whose limits shall hold.
    package static func files(
        _ directories: [String],
        app: String
    ) throws(CgroupError) -> [String] {
        var files: [String] = []
        for path in directories {
            guard PodCgroupName.isPod(path: path) else { throw .foreignDirectory(path) }
            do throws(Errno) {
                let directory = try Directory(path: path)
                let leaves = [PodCgroupName.app(app), PodCgroupName.initial]
                let leaf = leaves.first { directory.contains($0) }.map { "/\($0)" } ?? ""
                let file = directory.contains("tasks") ? "tasks" : "cgroup.procs"
                files.append("\(path)\(leaf)/\(file)")
            } catch {
                throw .read(path, error)
            }
        }
        return files
    }
}
