internal import AppContainer
internal import OCI

// The program of the image, who it runs as, where, and with which variables.
extension ImageDraft {
    /// Sets the program and its arguments.
    package mutating func setExec(_ words: [String]) throws(BuildError) {
        guard let program = words.first, !program.isEmpty else {
            throw .invalid("the command to run is missing")
        }
        try app(
            appc: { app in app.exec = words },
            oci: { execution in
                execution.entrypoint = [program]
                if words.count > 1 { execution.command = Array(words.dropFirst()) }
            }
        )
    }

    /// Sets what runs before or after the app.
    package mutating func setEventHandler(
        _ event: String,
        _ words: [String]
    ) throws(BuildError) {
        guard let event = EventHandler.Event(rawValue: event) else {
            throw .invalid("unknown event \"\(event)\" (pre-start or post-stop)")
        }
        guard !words.isEmpty else { throw .invalid("the command to run is missing") }
        try app(
            appc: { app in
                let handler = EventHandler(event: event, exec: words)
                put(handler, into: &app.eventHandlers) { $0.event == event }
            },
            oci: { _ throws(BuildError) in throw .unsupported("set-event-handler", in: .oci) }
        )
    }

    /// Sets who the app runs as.
    package mutating func setUser(_ text: String) throws(BuildError) {
        let user = try parsing { () throws(ManifestError) in try UserSpec(text) }
        try app(
            appc: { $0.user = user },
            oci: { execution in
                let group = execution.user.split(separator: ":").dropFirst().first
                execution.user = text + (group.map { ":\($0)" } ?? "")
            }
        )
    }

    /// Sets the group the app runs as.
    package mutating func setGroup(_ text: String) throws(BuildError) {
        let group = try parsing { () throws(ManifestError) in try GroupSpec(text) }
        try app(
            appc: { $0.group = group },
            oci: { execution in
                let user = execution.user.split(separator: ":").first.map(String.init) ?? "0"
                execution.user = "\(user):\(text)"
            }
        )
    }

    /// Sets the other groups the app belongs to.
    package mutating func setSupplementaryGroups(_ texts: [String]) throws(BuildError) {
        var ids: [UInt32] = []
        for text in texts {
            guard let id = UInt32(text), id != .max, text.utf8.allSatisfy({ $0 != 0x2B }) else {
                throw .invalid("\"\(text)\" is not a group id (0 to 4294967294)")
            }
            ids.append(id)
        }
        try app(
            appc: { $0.supplementaryGIDs = ids },
            oci: { _ throws(BuildError) in throw .unsupported("set-supp-groups", in: .oci) }
        )
    }

    /// Sets where the program runs; an empty path takes that back.
    package mutating func setWorkingDirectory(_ path: String) throws(BuildError) {
        guard path.isEmpty || path.utf8.first == 0x2F, !path.utf8.contains(0) else {
            throw .invalid("\"\(path)\" is not an absolute path")
        }
        try app(
            appc: { $0.workingDirectory = path.isEmpty ? nil : path },
            oci: { $0.workingDirectory = path }
        )
    }

    /// Sets a variable, in its place if it is there.
    package mutating func setVariable(_ name: String, _ value: String) throws(BuildError) {
        guard let variable = EnvironmentVariable(name: name, value: value),
            format == .oci || variable.hasPortableName
        else { throw .invalid("\"\(name)\" is not the name of a variable") }
        try app(
            appc: { app in put(variable, into: &app.environment) { $0.name == name } },
            oci: { execution in
                put("\(name)=\(value)", into: &execution.environment) {
                    $0.hasPrefix("\(name)=")
                }
            }
        )
    }

    /// Removes a variable.
    package mutating func removeVariable(_ name: String) throws(BuildError) {
        let what = "environment variable \"\(name)\""
        try app(
            appc: { app throws(BuildError) in
                try remove(what, from: &app.environment) { $0.name == name }
            },
            oci: { execution throws(BuildError) in
                try remove(what, from: &execution.environment) { $0.hasPrefix("\(name)=") }
            }
        )
    }
}
