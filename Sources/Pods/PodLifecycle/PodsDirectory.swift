internal import Linux

/// The directory below the data directory where all pods of this machine or user lie, one directory a phase.
///
/// There is no index and no lock over all pods: whatever number of processes creates, runs and removes pods at once.
package final class PodsDirectory {
    private let directory: Directory
    private let path: String

    /// Opens the pods of a data directory, making the directories that are missing.
    package init(dataDirectory: String) throws(PodError) {
        path = dataDirectory + "/pods"
        do throws(Errno) {
            directory = try Directory.making(path: path, mode: 0o700)
        } catch {
            throw .openPods(path, error)
        }
    }

    /// Makes the directory of a new pod and takes its lock.
    package func create() throws(PodError) -> EmbryoPod {
        do throws(Errno) {
            let embryos = try phaseDirectory(.embryo)
            let uuid = PodUUID()
            try embryos.makeDirectory(uuid.description, mode: 0o700)
            let pod = try embryos.directory(uuid.description)
            try pod.descriptor.lock(.exclusive)
            return EmbryoPod(PodClaim(uuid: uuid, directory: pod, parent: embryos, pods: self))
        } catch {
            throw .create(error)
        }
    }

    /// The pods of some phases, sorted by name.
    ///
    /// A pod that moves on meanwhile may be missing or appear twice, the later phase last.
    package func list(_ phases: [PodPhase]) throws(PodError) -> [PodLocation] {
        var result: [PodLocation] = []
        for phase in phases {
            guard let entries = try entries(of: phase) else { continue }
            for entry in entries {
                // What isn't named by a whole lower-case UUID isn't a pod.
                guard let uuid = PodUUID(entry.name), uuid.description == entry.name else {
                    continue
                }
                result.append(PodLocation(uuid: uuid, phase: phase))
            }
        }
        return result.sorted { $0.uuid < $1.uuid }
    }

    private func entries(of phase: PodPhase) throws(PodError) -> [DirectoryEntry]? {
        do throws(Errno) {
            return try directory.directory(phase.rawValue).entries()
        } catch {
            if error == .noSuchFile { return nil }
            throw .openPods("\(path)/\(phase.rawValue)", error)
        }
    }

    /// Finds the one pod whose UUID begins with what a user typed.
    package func find(_ prefix: String) throws(PodError) -> PodUUID {
        guard !prefix.isEmpty else { throw .emptyUUID }
        if let uuid = PodUUID(prefix) {
            guard PodPhase.allCases.contains(where: { contains(uuid, in: $0) }) else {
                throw .notFound(prefix)
            }
            return uuid
        }
        let matches = Set(
            try list(PodPhase.allCases).map(\.uuid).filter { $0.matches(prefix: prefix) }
        )
        guard let match = matches.first else { throw .notFound(prefix) }
        guard matches.count == 1 else { throw .ambiguous(prefix, matches: matches.count) }
        return match
    }

    private func contains(_ uuid: PodUUID, in phase: PodPhase) -> Bool {
        directory.contains("\(phase.rawValue)/\(uuid)")
    }

    /// Opens a pod's directory where it was seen.
    func open(_ location: PodLocation) throws(Errno) -> Directory {
        try directory.directory("\(location.phase.rawValue)/\(location.uuid)")
    }

    /// Opens the directory of a phase, making it if it is missing.
    ///
    /// All are made with the first, because the last ones are needed most when the disk is full: gc moves pods there.
    func phaseDirectory(_ phase: PodPhase) throws(Errno) -> Directory {
        do throws(Errno) {
            return try directory.directory(phase.rawValue)
        } catch {
            guard error == .noSuchFile else { throw error }
            for other in PodPhase.allCases where other != phase {
                _ = try directory.makingDirectories(other.rawValue, mode: 0o700)
            }
            return try directory.makingDirectories(phase.rawValue, mode: 0o700)
        }
    }
}

/// Where a pod was when somebody looked.
package struct PodLocation: Hashable, Sendable {
    /// The pod.
    package let uuid: PodUUID
    /// The phase it was in.
    package let phase: PodPhase

    /// A pod in a phase.
    package init(uuid: PodUUID, phase: PodPhase) {
        self.uuid = uuid
        self.phase = phase
    }
}
