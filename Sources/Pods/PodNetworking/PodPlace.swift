internal import Linux
package import PodLifecycle

/// Where a pod and what it shares with others lies.
package struct PodPlace {
    package let uuid: PodUUID
    private let dataDirectory: String
    private let phase: PodPhase
    /// Whether a pod of the same data directory runs, or is being started.
    package let isRunning: (PodUUID) -> Bool

    /// A pod that is being started or was.
    package init(
        _ uuid: PodUUID,
        dataDirectory: String,
        phase: PodPhase = .run,
        isRunning: @escaping (PodUUID) -> Bool
    ) {
        self.uuid = uuid
        self.dataDirectory = dataDirectory
        self.phase = phase
        self.isRunning = isRunning
    }

    func data() throws(NetworkError) -> Directory {
        try step("open \"\(dataDirectory)\"") { () throws(Errno) in
            try Directory(path: dataDirectory)
        }
    }

    func directory() throws(PluginError) -> Directory {
        do throws(Errno) {
            return try Directory(path: "\(dataDirectory)/pods/\(phase.rawValue)/\(uuid)")
        } catch {
            throw .record(AttachmentRecords.directory, reason: error.description)
        }
    }
}
