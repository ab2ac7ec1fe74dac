internal import Linux

/// Taking a pod's cgroups away, with whatever still runs in them.
package enum CgroupRemoval {
    /// How long killed processes may take to go, in milliseconds.
    private static let patience: Int32 = 5000
    private static let pauses = 100
    private static let killSignal: Int32 = 9

    /// Kills what is left in a pod's cgroups and removes them; absent ones are fine.
    ///
    /// - Parameter directories: the lines of the pod's `subcgroup` file. A line that can't be a
    ///   pod's cgroup is refused, because everything in it would be killed.
    package static func remove(_ directories: [String]) throws(CgroupError) {
        for path in directories {
            guard PodCgroupName.isPod(path: path) else { throw .foreignDirectory(path) }
        }
        for path in directories {
            try remove(path)
            let parent = PodCgroupName.split(path).parent
            if PodCgroupName.isEngine(path: parent) { removeEngine(parent) }
        }
    }

    private static func remove(_ path: String) throws(CgroupError) {
        do throws(Errno) {
            let directory = try Directory(path: path)
            try kill(directory)
            try removeChildren(of: directory)
        } catch {
            if error == .noSuchFile { return }
            throw .kill(path, error)
        }
        do throws(Errno) {
            let (parent, name) = PodCgroupName.split(path)
            try removeEmpty(name, from: Directory(path: parent))
        } catch {
            if error == .noSuchFile { return }
            throw .remove(path, error)
        }
    }

    /// Kills the processes of a cgroup and of those below it, and waits until they are gone.
    private static func kill(_ directory: borrowing Directory) throws(Errno) {
        // The kernel's own way is not to be outrun by a process that forks; version 1 has none.
        if let file = try? directory.open("cgroup.kill", .writeOnly) {
            try file.write(Array("1".utf8))
        }
        for _ in 0..<pauses {
            let processes = try processes(of: directory)
            if processes.isEmpty { break }
            // All are hit before the first is waited for, so that none has time to make more.
            for pid in processes { try signal(pid, waiting: false) }
            for pid in processes { try signal(pid, waiting: true) }
        }
        for child in try children(of: directory) { try kill(directory.directory(child)) }
    }

    private static func signal(_ pid: Int32, waiting: Bool) throws(Errno) {
        do throws(Errno) {
            let process = try ProcessHandle(pid: pid)
            try process.signal(killSignal)
            if !waiting { return }
            guard try process.waitForExit(milliseconds: patience) else { throw .busy }
        } catch {
            // It ended by itself, and its number is free again.
            if error != .noSuchProcess { throw error }
        }
    }

    private static func processes(of directory: borrowing Directory) throws(Errno) -> [Int32] {
        let text = String(decoding: try directory.readFile("cgroup.procs"), as: UTF8.self)
        // A process outside of our pid namespace is listed as 0; signalling that would be ourselves.
        return text.split(separator: "\n").compactMap { Int32($0) }.filter { $0 > 0 }
    }

    private static func children(of directory: borrowing Directory) throws(Errno) -> [String] {
        try directory.entries().filter { $0.kind == .directory }.map(\.name)
    }

    private static func removeChildren(of directory: borrowing Directory) throws(Errno) {
        for child in try children(of: directory) {
            try removeChildren(of: directory.directory(child))
            try removeEmpty(child, from: directory)
        }
    }

    /// A cgroup stays busy for a moment after its last process was reaped.
    private static func removeEmpty(
        _ name: String,
        from parent: borrowing Directory
    ) throws(Errno) {
        for attempt in 1...pauses {
            do throws(Errno) {
                return try parent.remove(name, directory: true)
            } catch {
                if error == .noSuchFile { return }
                guard error == .busy, attempt < pauses else { throw error }
                pause(milliseconds: 5)
            }
        }
    }

    /// Takes the engine's own directory along with its last pod.
    private static func removeEngine(_ path: String) {
        let (parent, name) = PodCgroupName.split(path)
        // With other pods in it it is busy, which is as it should be.
        try? Directory(path: parent).remove(name, directory: true)
    }
}
