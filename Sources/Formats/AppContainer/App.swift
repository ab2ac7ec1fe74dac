/// What runs and how: the part of an image manifest that a pod may replace
/// (appc specification, Image Manifest Schema, `app`).
///
/// This is also what an OCI image's configuration is turned into. The two members that appc lacks are
/// never written among the others: a ``RuntimeApp`` keeps them as annotations of its own.
package struct App: Sendable, Hashable {
    /// The program and its arguments.
    package var exec: [String] = []
    /// What runs before and after.
    package var eventHandlers: [EventHandler] = []
    /// Who it runs as.
    package var user: UserSpec = .id(0)
    /// The group it runs as.
    package var group: GroupSpec = .id(0)
    /// The groups it belongs to besides.
    package var supplementaryGIDs: [UInt32] = []
    /// Where it runs: an absolute path, or nil for the root.
    package var workingDirectory: String?
    /// The variables it gets, each name once.
    package var environment: [EnvironmentVariable] = []
    /// Where it wants volumes.
    package var mountPoints: [MountPoint] = []
    /// Where it can be reached.
    package var ports: [Port] = []
    /// What it may use and do.
    package var isolators: [Isolator] = []
    /// What its user told about it.
    package var userAnnotations: [String: String] = [:]
    /// What its user sorts it by.
    package var userLabels: [String: String] = [:]

    /// The signal that asks it to end, if its OCI image names one; nil is SIGTERM.
    package var stopSignal: Int?
    /// Whether it comes from an OCI image, so the stricter sandbox profile is its due.
    package var isOCI = false
    /// Whether its ACI was made from a Docker image, so new volumes begin with what the image has at their place.
    package var isConverted = false

    /// Makes an app that runs `exec` as root.
    package init(exec: [String] = []) {
        self.exec = exec
    }
}

/// What runs before the app is started or after it ended.
package struct EventHandler: Sendable, Hashable {
    /// When a handler runs.
    package enum Event: String, Sendable, CaseIterable {
        /// Before the app; if it fails, the app isn't started.
        case preStart = "pre-start"
        /// After the app.
        case postStop = "post-stop"
    }

    /// When it runs.
    package var event: Event
    /// The program and its arguments.
    package var exec: [String]

    /// Makes a handler.
    package init(event: Event, exec: [String]) {
        self.event = event
        self.exec = exec
    }
}

/// A variable of an app's environment, whose name isn't empty and holds no `=`.
package struct EnvironmentVariable: Sendable, Hashable {
    /// The name.
    package let name: String
    /// The value.
    package var value: String

    /// Makes a variable, or nil if no process could get one of that name and value.
    package init?(name: String, value: String) {
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")),
            !name.utf8.contains(0), !value.utf8.contains(0)
        else { return nil }
        self.name = name
        self.value = value
    }

    /// Splits `NAME=value`, or nil if the text hasn't that form.
    package init?(assignment text: String) {
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        self.init(
            name: String(text[..<equals]),
            value: String(text[text.utf8.index(after: equals)...])
        )
    }

    /// Whether the name has the letters, digits, `_`, `.` and `-` that appc allows.
    package var hasPortableName: Bool {
        func isLetter(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
        }
        guard let first = name.utf8.first, isLetter(first) else { return false }
        return name.utf8.allSatisfy { byte in
            isLetter(byte) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
        }
    }
}

/// Where an app wants a volume.
package struct MountPoint: Sendable, Hashable {
    /// The name of the volume that belongs here.
    package var name: ACName
    /// The path in the app's root file system.
    package var path: String
    /// Whether the app only reads.
    package var isReadOnly: Bool

    /// Makes a mount point.
    package init(name: ACName, path: String, isReadOnly: Bool = false) {
        self.name = name
        self.path = path
        self.isReadOnly = isReadOnly
    }
}

/// Where an app can be reached: one or more ports in a row.
package struct Port: Sendable, Hashable {
    /// The name of the service.
    package var name: ACName
    /// `tcp` or `udp`.
    package var `protocol`: String
    /// The first port, at least 1.
    package var number: UInt16
    /// How many ports, at least 1; the last one is at most 65535.
    package var count: UInt16
    /// Whether the app gets the listening socket from its supervisor.
    package var isSocketActivated: Bool

    /// Makes a single port.
    package init(name: ACName, protocol: String, number: UInt16) {
        self.name = name
        self.protocol = `protocol`
        self.number = number
        count = 1
        isSocketActivated = false
    }
}
