package import Linux

extension ObservedPod {
    /// The supervisor of a running pod; nil when the pod doesn't run, or not yet.
    ///
    /// The supervisor holds the lock as long as it lives. So if the lock is held after the process was taken hold of,
    /// the process id was still the supervisor's and not somebody else's who got the number later (R18).
    package func supervisor() throws(PodError) -> ProcessHandle? {
        guard phase == .run, let pid = supervisorFile()?.number, pid > 0 else { return nil }
        let process: ProcessHandle
        do throws(Errno) {
            process = try ProcessHandle(pid: pid)
        } catch {
            if error == .noSuchProcess { return nil }
            throw .read(uuid, file: PodFile.supervisor, reason: error.description)
        }
        guard try isLocked() else { return nil }
        return consume process
    }

    /// The process id of the pod's first process, the only child of its supervisor.
    package func firstProcess() throws(PodError) -> Int32? {
        guard let pid = supervisorFile()?.number, try isLocked() else { return nil }
        let children = try? readHostFile("/proc/\(pid)/task/\(pid)/children", limit: 4096)
        let numbers = String(decoding: children ?? [], as: UTF8.self).split(separator: " ")
        return numbers.count == 1 ? Int32(numbers[0]) : nil
    }

    /// The pod's control groups, as absolute paths of the host.
    package func cgroups() -> [String] { cgroupPaths(in: directory) }
}

extension GarbagePod {
    /// The pod's control groups, as absolute paths of the host.
    package func cgroups() -> [String] { cgroupPaths(in: directory) }
}

private func cgroupPaths(in directory: borrowing Directory) -> [String] {
    let text = (try? directory.readFile(PodFile.cgroups, limit: 64 << 10)) ?? []
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
}
