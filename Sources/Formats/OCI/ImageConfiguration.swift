package import JSON

/// How an image is run and what its layers hold (OCI image specification, image configuration).
package struct ImageConfiguration: Sendable, Hashable {
    /// What the image runs on.
    package var platform: Platform
    /// When it was made, as it says.
    package var created: String?
    /// Who made it.
    package var author: String?
    /// How it is run.
    package var execution: Execution
    /// The digests of the layers' tars, lowest first.
    package var diffIDs: [Digest]
    /// How it was made, oldest first.
    package var history: [HistoryEntry]

    /// How a container of the image is run, member by member as the image says it.
    package struct Execution: Sendable, Hashable {
        /// `USER[:GROUP]`, or empty.
        package var user = ""
        /// Ports such as `80/tcp`.
        package var exposedPorts: [String] = []
        /// Variables as `NAME=value`.
        package var environment: [String] = []
        /// The program and its first arguments.
        package var entrypoint: [String] = []
        /// The other arguments, or the program if there is no entry point.
        package var command: [String] = []
        /// Paths where data is kept.
        package var volumes: [String] = []
        /// Where the program runs, or empty.
        package var workingDirectory = ""
        /// What the image is labelled.
        package var labels: [String: String] = [:]
        /// The signal that asks the program to end, by name or number, or empty.
        package var stopSignal = ""
        /// How Docker would look whether the program is well; it isn't used here, only kept.
        package var healthCheck: JSON?
        /// Instructions for builds that begin with this image.
        package var onBuild: [String] = []
        /// The shell of such builds; empty is `/bin/sh -c`.
        package var shell: [String] = []

        /// Says nothing.
        package init() {}
    }

    /// One step of how an image was made.
    package struct HistoryEntry: Sendable, Hashable {
        /// When.
        package var created: String?
        /// By which command.
        package var createdBy: String?
        /// Whether the step made no layer.
        package var isEmptyLayer: Bool
    }
}

extension ImageConfiguration: OCIDocument {
    package static let title = "image configuration"

    private static let historyLimit = 2000

    package init(at cursor: JSONCursor) throws(JSONError) {
        platform = try Platform(at: cursor)
        created = try cursor.optional("created")?.string()
        author = try cursor.optional("author")?.string()
        execution =
            try cursor.optional("config").map { config throws(JSONError) in
                try Execution(at: config)
            } ?? Execution()
        let rootfs = try cursor.required("rootfs")
        let type = try rootfs.required("type")
        guard try type.string() == "layers" else { throw type.invalid("not \"layers\"") }
        diffIDs =
            try rootfs.optional("diff_ids")?.elements(limit: Limits.layers).map {
                digest throws(JSONError) in try digest.digest()
            } ?? []
        history =
            try cursor.optional("history")?.elements(limit: Self.historyLimit).map {
                entry throws(JSONError) in try HistoryEntry(at: entry)
            } ?? []
    }
}

extension ImageConfiguration.Execution {
    fileprivate init(at cursor: JSONCursor) throws(JSONError) {
        user = try cursor.optional("User")?.string() ?? ""
        exposedPorts = try cursor.memberNames("ExposedPorts", limit: Limits.ports)
        environment = try cursor.strings("Env")
        entrypoint = try cursor.strings("Entrypoint")
        command = try cursor.strings("Cmd")
        volumes = try cursor.memberNames("Volumes", limit: Limits.volumes)
        workingDirectory = try cursor.optional("WorkingDir")?.string() ?? ""
        labels = try cursor.dictionary("Labels")
        stopSignal = try cursor.optional("StopSignal")?.string() ?? ""
        healthCheck = try cursor.optional("Healthcheck")?.value
        onBuild = try cursor.strings("OnBuild")
        shell = try cursor.strings("Shell")
    }
}

extension ImageConfiguration.HistoryEntry {
    fileprivate init(at cursor: JSONCursor) throws(JSONError) {
        created = try cursor.optional("created")?.string()
        createdBy = try cursor.optional("created_by")?.string()
        isEmptyLayer = try cursor.optional("empty_layer")?.bool() ?? false
    }
}
