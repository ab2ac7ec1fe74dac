package import JSON

// How documents are written: members in the order of the specification, maps sorted by their keys.

extension ContentDescriptor {
    /// The descriptor as JSON.
    package var json: JSON {
        var members: [JSON.Member] = [
            .init("mediaType", .string(mediaType.text)),
            .init("digest", .string(digest.description)),
            .init("size", .integer(size)),
        ]
        if let platform {
            var parts: [JSON.Member] = [
                .init("architecture", .string(platform.architecture)),
                .init("os", .string(platform.operatingSystem)),
            ]
            if !platform.variant.isEmpty {
                parts.append(.init("variant", .string(platform.variant)))
            }
            members.append(.init("platform", .object(parts)))
        }
        members.append("annotations", unlessEmpty: annotations)
        return .object(members)
    }
}

extension Manifest {
    /// Makes a manifest of an image.
    package init(
        configuration: ContentDescriptor,
        layers: [ContentDescriptor],
        annotations: [String: String] = [:]
    ) {
        mediaType = .manifest
        self.configuration = configuration
        self.layers = layers
        self.annotations = annotations
    }

    /// The manifest as JSON.
    package var json: JSON {
        var members: [JSON.Member] = [
            .init("schemaVersion", 2), .init("mediaType", .string(MediaType.manifest.text)),
            .init("config", configuration.json), .init("layers", .array(layers.map(\.json))),
        ]
        members.append("annotations", unlessEmpty: annotations)
        return .object(members)
    }
}

extension Index {
    /// Makes an index of images.
    package init(manifests: [ContentDescriptor]) {
        mediaType = .index
        self.manifests = manifests
        annotations = [:]
    }

    /// The index as JSON.
    package var json: JSON {
        .object([
            .init("schemaVersion", 2), .init("mediaType", .string(MediaType.index.text)),
            .init("manifests", .array(manifests.map(\.json))),
        ])
    }
}

extension ImageLayout {
    /// The marker file of the layouts that are written.
    package static let json: JSON = ["imageLayoutVersion": "1.0.0"]
}

extension ImageConfiguration {
    /// Makes a configuration of an image without layers.
    package init(platform: Platform) {
        self.platform = platform
        created = nil
        author = nil
        execution = Execution()
        diffIDs = []
        history = []
    }

    /// The configuration as JSON.
    package var json: JSON {
        var members: [JSON.Member] = []
        if let created { members.append(.init("created", .string(created))) }
        if let author { members.append(.init("author", .string(author))) }
        members.append(.init("architecture", .string(platform.architecture)))
        members.append(.init("os", .string(platform.operatingSystem)))
        if !platform.variant.isEmpty {
            members.append(.init("variant", .string(platform.variant)))
        }
        members.append(.init("config", execution.json))
        members.append(
            .init(
                "rootfs",
                [
                    "type": "layers",
                    "diff_ids": .array(diffIDs.map { .string($0.description) }),
                ]
            )
        )
        if !history.isEmpty { members.append(.init("history", .array(history.map(\.json)))) }
        return .object(members)
    }
}

extension ImageConfiguration.HistoryEntry {
    /// Makes an entry.
    package init(created: String?, createdBy: String, isEmptyLayer: Bool) {
        self.created = created
        self.createdBy = createdBy
        self.isEmptyLayer = isEmptyLayer
    }

    fileprivate var json: JSON {
        var members: [JSON.Member] = []
        if let created { members.append(.init("created", .string(created))) }
        if let createdBy { members.append(.init("created_by", .string(createdBy))) }
        if isEmptyLayer { members.append(.init("empty_layer", true)) }
        return .object(members)
    }
}

extension ImageConfiguration.Execution {
    fileprivate var json: JSON {
        var members: [JSON.Member] = []
        if !user.isEmpty { members.append(.init("User", .string(user))) }
        members.append("ExposedPorts", setUnlessEmpty: exposedPorts)
        members.append("Env", unlessEmpty: environment)
        members.append("Entrypoint", unlessEmpty: entrypoint)
        members.append("Cmd", unlessEmpty: command)
        members.append("Volumes", setUnlessEmpty: volumes)
        if !workingDirectory.isEmpty {
            members.append(.init("WorkingDir", .string(workingDirectory)))
        }
        members.append("Labels", unlessEmpty: labels)
        if !stopSignal.isEmpty { members.append(.init("StopSignal", .string(stopSignal))) }
        if let healthCheck { members.append(.init("Healthcheck", healthCheck)) }
        members.append("OnBuild", unlessEmpty: onBuild)
        members.append("Shell", unlessEmpty: shell)
        return .object(members)
    }
}

extension [JSON.Member] {
    fileprivate mutating func append(_ name: String, unlessEmpty values: [String]) {
        guard !values.isEmpty else { return }
        append(.init(name, .array(values.map { .string($0) })))
    }

    fileprivate mutating func append(_ name: String, setUnlessEmpty values: [String]) {
        guard !values.isEmpty else { return }
        append(.init(name, .object(Set(values).sorted().map { .init($0, .object([])) })))
    }

    fileprivate mutating func append(_ name: String, unlessEmpty values: [String: String]) {
        guard !values.isEmpty else { return }
        let sorted = values.sorted { $0.key < $1.key }
        append(.init(name, .object(sorted.map { .init($0.key, .string($0.value)) })))
    }
}
