internal import AppContainer
internal import JSON
internal import Linux
internal import PodLifecycle

/// A pod as rkt's JSON has it: the pod's times in seconds, the apps' in nanoseconds.
extension PodRecord {
    var json: JSON {
        var members: [JSON.Member] = [
            .init("name", .string(uuid.description)),
            .init("state", .string(state.description)),
        ]
        if !networks.isEmpty { members.append(.init("networks", .array(networks.map(\.json)))) }
        if !apps.isEmpty {
            members.append(.init("app_names", .array(apps.map { .string($0.app.name.text) })))
            members.append(.init("apps", .array(apps.map { $0.json(in: self) })))
        }
        members.append(.init("created_at", .integer(created.seconds)))
        if let started { members.append(.init("started_at", .integer(started.seconds))) }
        members.append("user_annotations", manifest?.userAnnotations)
        members.append("user_labels", manifest?.userLabels)
        return .object(members)
    }
}

extension AppRecord {
    fileprivate func json(in pod: PodRecord) -> JSON {
        var members: [JSON.Member] = [
            .init("name", .string(app.name.text)),
            .init("state", .string(state.rawValue)),
            .init("created_at", .integer(pod.created.totalNanoseconds)),
        ]
        if let started {
            members.append(.init("started_at", .integer(started.totalNanoseconds)))
        }
        if let finished {
            members.append(.init("finished_at", .integer(finished.totalNanoseconds)))
        }
        if let exitCode { members.append(.init("exit_code", .integer(Int64(exitCode)))) }
        members.append(.init("image_id", .string(app.image.id.description)))
        let mounts = mounts(in: pod)
        if !mounts.isEmpty { members.append(.init("mounts", .array(mounts))) }
        members.append("user_annotations", app.app?.userAnnotations)
        members.append("user_labels", app.app?.userLabels)
        return .object(members)
    }

    private func mounts(in pod: PodRecord) -> [JSON] {
        app.mounts.map { mount in
            let volume = mount.appVolume ?? pod.manifest?.volume(mount.volume)
            let source: String =
                switch volume?.kind {
                case .host(let source, _): source
                case .empty, nil: "sharedVolumes/\(mount.volume.text)"
                }
            return [
                "name": .string(mount.volume.text),
                "container_path": .string(mount.path),
                "host_path": .string(source),
                "read_only": .bool(volume?.isReadOnly ?? false),
            ]
        }
    }
}

extension [JSON.Member] {
    /// Appends the dictionary, keys in order, unless it is empty.
    fileprivate mutating func append(_ name: String, _ values: [String: String]?) {
        guard let values, !values.isEmpty else { return }
        let members = values.sorted { $0.key < $1.key }
            .map { JSON.Member($0.key, .string($0.value)) }
        append(.init(name, .object(members)))
    }
}
