package import JSON

/// What a pod consists of (appc specification, Pod Manifest Schema).
package struct PodManifest: Sendable, Hashable {
    /// The version of the specification this manifest was written for.
    package var specification: String
    /// The apps, each name once.
    package var apps: [RuntimeApp]
    /// The volumes, each name once.
    package var volumes: [Volume]
    /// What the pod as a whole may use and do.
    package var isolators: [Isolator]
    /// What else is told about the pod.
    package var annotations: [Annotation]
    /// Which ports of the host lead to which ports of the apps.
    package var ports: [ExposedPort]
    /// What its user told about it.
    package var userAnnotations: [String: String]
    /// What its user sorts it by.
    package var userLabels: [String: String]

    /// Makes a manifest of the newest specification.
    package init(apps: [RuntimeApp] = [], volumes: [Volume] = []) {
        specification = Specification.version
        self.apps = apps
        self.volumes = volumes
        isolators = []
        annotations = []
        ports = []
        userAnnotations = [:]
        userLabels = [:]
    }

    /// The app of this name.
    package func app(_ name: ACName) -> RuntimeApp? {
        apps.first { $0.name == name }
    }

    /// The volume of this name.
    package func volume(_ name: ACName) -> Volume? {
        volumes.first { $0.name == name }
    }
}

extension PodManifest: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        try Specification.checkKind("PodManifest", of: cursor)
        specification = try cursor.required("acVersion").parsedVersion()
        apps = try cursor.list("apps", unique: \.name)
        volumes = try cursor.list("volumes", unique: \.name)
        isolators = try cursor.list("isolators")
        annotations = try cursor.list("annotations", unique: \.name)
        ports = try cursor.list("ports")
        userAnnotations = try cursor.dictionary("userAnnotations")
        userLabels = try cursor.dictionary("userLabels")
    }

    package var json: JSON {
        var members: [JSON.Member] = []
        members.append("acVersion", .string(specification))
        members.append("acKind", "PodManifest")
        members.append("apps", .array(apps.map(\.json)))
        members.append("volumes", listOrNull(volumes))
        members.append("isolators", listOrNull(isolators))
        members.append("annotations", listOrNull(annotations))
        members.append("ports", listOrNull(ports))
        members.append("userAnnotations", unlessEmpty: userAnnotations)
        members.append("userLabels", unlessEmpty: userLabels)
        return .object(members)
    }

    private func listOrNull(_ values: [some ManifestValue]) -> JSON {
        values.isEmpty ? .null : .array(values.map(\.json))
    }
}

/// A port of the host that leads to a port of an app.
package struct ExposedPort: Sendable, Hashable {
    /// The name of the app's port.
    package var name: ACName
    /// The port of the host.
    package var hostPort: UInt16
    /// The address of the host it is limited to, as text.
    package var hostIP: String?
    /// The app's port, if no image declares it.
    package var podPort: Port?

    /// Makes an exposed port.
    package init(name: ACName, hostPort: UInt16, hostIP: String? = nil, podPort: Port? = nil) {
        self.name = name
        self.hostPort = hostPort
        self.hostIP = hostIP
        self.podPort = podPort
    }
}

extension ExposedPort: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        name = try cursor.required("name").parsed(ACName.init(_:))
        hostPort = try cursor.required("hostPort").integer(UInt16.self)
        hostIP = try cursor.optional("hostIP")?.string()
        podPort = try cursor.optional("podPort").map { port throws(JSONError) in try Port(at: port)
        }
    }

    package var json: JSON {
        var members = [JSON.Member("name", .string(name.text))]
        members.append("hostPort", .integer(Int64(hostPort)))
        if let hostIP { members.append("hostIP", .string(hostIP)) }
        if let podPort { members.append("podPort", podPort.json) }
        return .object(members)
    }
}
