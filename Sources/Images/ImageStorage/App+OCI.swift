package import AppContainer
package import OCI

extension App {
    /// What the configuration of an OCI image means in terms of appc.
    ///
    /// Metadata of an image is only data: variables without `=` are dropped rather than taken from the
    /// host, and labels become user labels, which steer nothing. The health check is not used.
    package init(_ configuration: ImageConfiguration) throws(ManifestError) {
        let execution = configuration.execution
        self.init(exec: execution.entrypoint + execution.command)
        (user, group) = try Self.identity(execution.user)
        workingDirectory = Self.absolute(execution.workingDirectory)
        environment = Self.variables(execution.environment)
        mountPoints = try Self.mountPoints(execution.volumes)
        ports = Set(execution.exposedPorts).compactMap(Port.init(exposed:))
            .sorted { $0.name.text < $1.name.text }
        userLabels = execution.labels
        stopSignal = execution.stopSignalNumber
        isOCI = true
    }

    /// Splits `USER[:GROUP]`; a user alone runs with its primary group.
    private static func identity(_ text: String) throws(ManifestError) -> (UserSpec, GroupSpec) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let user = parts.first.map(String.init) ?? ""
        let group = parts.count > 1 ? String(parts[1]) : ""
        return (
            user.isEmpty ? .id(0) : try UserSpec(user),
            group.isEmpty ? (user.isEmpty ? .id(0) : .primary) : try GroupSpec(group)
        )
    }

    private static func absolute(_ directory: String) -> String? {
        guard !directory.isEmpty else { return nil }
        return directory.utf8.first == UInt8(ascii: "/") ? directory : "/\(directory)"
    }

    /// The assignments, the last one of a name counting, in the order of the names' first appearance.
    private static func variables(_ assignments: [String]) -> [EnvironmentVariable] {
        var variables: [EnvironmentVariable] = []
        var places: [String: Int] = [:]
        for case let variable? in assignments.map(EnvironmentVariable.init(assignment:)) {
            if let place = places[variable.name] {
                variables[place] = variable
            } else {
                places[variable.name] = variables.count
                variables.append(variable)
            }
        }
        return variables
    }

    /// Mount points named for their paths; the root itself can't be one.
    private static func mountPoints(_ paths: [String]) throws(ManifestError) -> [MountPoint] {
        var mountPoints: [MountPoint] = []
        var names: Set<ACName> = []
        for path in paths.sorted() where path.contains(where: { $0 != "/" && $0 != "." }) {
            let text = (try? ACName(sanitizing: path))?.text
            let base = try ACName(text.map { "volume-\($0)" } ?? "volume")
            var (name, number) = (base, 0)
            while !names.insert(name).inserted {
                number += 1
                name = try ACName("\(base)-\(number)")
            }
            mountPoints.append(MountPoint(name: name, path: path))
        }
        return mountPoints
    }
}

extension Port {
    /// Reads `80/tcp` or `80`; nil for what is no port.
    fileprivate init?(exposed text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let kind = parts.count > 1 ? String(parts[1]) : "tcp"
        guard parts.count <= 2, let number = UInt16(parts[0]), number > 0,
            let name = try? ACName("\(number)-\(kind)")
        else { return nil }
        self.init(name: name, protocol: kind, number: number)
    }
}
