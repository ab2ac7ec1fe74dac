package import AppContainer
internal import Linux

extension PodsDirectory {
    /// Reads a pod where it was seen; nil when it isn't there any more.
    package func record(
        _ location: PodLocation,
        _ detail: RecordDetail
    ) throws(PodError) -> PodRecord? {
        guard let pod = try observe(location) else { return nil }
        return try pod.record(detail)
    }
}

extension ObservedPod {
    /// Reads what there is to know.
    package func record(_ detail: RecordDetail = .apps) throws(PodError) -> PodRecord {
        let state = try state()
        let manifest = try manifestFile()
        let created = if let manifest { manifest.time } else { try changeOfDirectory() }
        let start = state.hasStarted ? supervisorFile() : nil
        let apps = detail == .apps ? manifest?.manifest.apps ?? [] : []
        return PodRecord(
            uuid: uuid,
            state: state,
            created: created,
            started: start?.time,
            supervisor: state == .running ? start?.number : nil,
            manifest: manifest?.manifest,
            apps: apps.map { app in record(of: app, state) },
            networks: state.hasStarted ? directory.networkRecords() : []
        )
    }

    /// The pod manifest.
    package func manifest() throws(PodError) -> PodManifest {
        guard let file = try manifestFile() else { throw unreadableManifest(Errno.noSuchFile) }
        return file.manifest
    }

    /// The pod manifest as it was written.
    package func manifestText() throws(PodError) -> [UInt8] {
        do throws(Errno) {
            return try directory.readFile(PodFile.manifest)
        } catch {
            throw unreadableManifest(error)
        }
    }

    /// The manifest and when it was written; nil until it is.
    ///
    /// It is the first file of a pod and never touched again, so its time is the pod's.
    private func manifestFile() throws(PodError) -> (manifest: PodManifest, time: Time)? {
        do {
            let file = try directory.open(PodFile.manifest, .nonBlocking)
            return (try PodManifest(parsing: file.readToEnd()), try file.status().modified)
        } catch {
            if error as? Errno == .noSuchFile { return nil }
            throw unreadableManifest(error)
        }
    }

    private func unreadableManifest(_ error: any Error) -> PodError {
        .read(uuid, file: PodFile.manifest, reason: "\(error)")
    }

    private func changeOfDirectory() throws(PodError) -> Time {
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
