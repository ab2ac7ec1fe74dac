package import AppContainer
package import Linux

/// What can be said about a pod for a list or a status: a sample, true when it was taken.
package struct PodRecord: Sendable {
    /// The pod's name.
    package let uuid: PodUUID
    /// What it was doing.
    package let state: PodState
    /// When it was made.
    package let created: Time
    /// When it was started, if it was.
    package let started: Time?
    /// The supervisor's process id, while it runs.
    package let supervisor: Int32?
    /// What it consists of; nil until that is written.
    package let manifest: PodManifest?
    /// Its apps, in the manifest's order.
    package let apps: [AppRecord]
    /// Its networks, once there are any.
    package let networks: [NetworkRecord] = []
}

/// What can be said about one app of a pod.
package struct AppRecord: Sendable {
    /// How far an app is.
    package enum State: String, Sendable {
        case unknown
        case created
        case running
        case exited
    }

    /// The app as the pod manifest describes it.
    package let app: RuntimeApp
    /// How far it was.
    package let state: State
    /// When its main process was started.
    package let started: Time?
    /// When it ended.
    package let finished: Time?
    /// What it ended with; nil if it was killed together with its pod.
    package let exitCode: Int32?
}

/// What can be said about one network of a pod.
package struct NetworkRecord: Sendable {
    /// The network's name.
    package let name: String
    /// The pod's address in it.
    package let address: String
}

extension PodsDirectory {
    /// Reads a pod where it was seen; nil when it isn't there any more.
    package func record(_ location: PodLocation) throws(PodError) -> PodRecord? {
        guard let pod = try observe(location) else { return nil }
        return try pod.record()
    }
}

extension ObservedPod {
    /// Reads everything there is to know.
    package func record() throws(PodError) -> PodRecord {
        let state = try state()
        let manifest = try manifestIfWritten()
        let start = state.hasStarted ? supervisorFile() : nil
        return PodRecord(
            uuid: uuid,
            state: state,
            created: try created(),
            started: start?.time,
            supervisor: state == .running ? start?.number : nil,
            manifest: manifest,
            apps: (manifest?.apps ?? []).map { app in record(of: app, state) }
        )
    }

    /// The pod manifest.
    package func manifest() throws(PodError) -> PodManifest {
        guard let manifest = try manifestIfWritten() else {
            throw .read(uuid, file: PodFile.manifest, reason: "\(Errno.noSuchFile)")
        }
        return manifest
    }

    /// The pod manifest as it was written.
    package func manifestText() throws(PodError) -> [UInt8] {
        do throws(Errno) {
            return try directory.readFile(PodFile.manifest)
        } catch {
            throw .read(uuid, file: PodFile.manifest, reason: error.description)
        }
    }

    private func manifestIfWritten() throws(PodError) -> PodManifest? {
        guard directory.contains(PodFile.manifest) else { return nil }
        let text = try manifestText()
        do throws(ManifestError) {
            return try PodManifest(parsing: text)
        } catch {
            throw .read(uuid, file: PodFile.manifest, reason: error.description)
        }
    }

    /// The manifest is among the first things written into a pod and never touched again.
    private func created() throws(PodError) -> Time {
        if let file = try? directory.status(of: PodFile.manifest) { return file.modified }
        do throws(Errno) {
            return try directory.descriptor.status().modified
        } catch {
            throw .open(uuid, error)
        }
    }

    /// The supervisor's process id and when it was written.
    func supervisorFile() -> (number: Int32, time: Time)? {
        number(in: PodFile.supervisor)
    }

    private func record(of app: RuntimeApp, _ state: PodState) -> AppRecord {
        let started = number(in: PodFile.started(app.name.text))
        let ended = number(in: PodFile.status(of: app.name.text))
        let appState: AppRecord.State =
            if !state.hasStarted {
                .unknown
            } else if ended != nil || state != .running {
                // A pod that was killed leaves apps without a status; they are over all the same.
                .exited
            } else {
                started == nil ? .created : .running
            }
        return AppRecord(
            app: app,
            state: appState,
            started: started?.time,
            finished: ended?.time,
            exitCode: ended?.number
        )
    }

    /// A file that holds one decimal number and a newline.
    private func number(in path: String) -> (number: Int32, time: Time)? {
        guard let file = try? directory.open(path, .nonBlocking),
            let bytes = try? file.read(upTo: 16), bytes.last == UInt8(ascii: "\n"),
            let number = Int32(String(decoding: bytes.dropLast(), as: UTF8.self)),
            let status = try? file.status()
        else { return nil }
        return (number, status.modified)
    }
}
