package import AppContainer
internal import OCI

// What the verbs of `acbuild` change. Each of them checks its values first, so a draft can always be written.
extension ImageDraft {
    /// Changes an ACI's manifest; `what` names the change where the format has no place for it.
    private mutating func appc(
        _ what: String,
        _ change: (inout ImageManifest) throws(BuildError) -> Void
    ) throws(BuildError) {
        guard case .appc(var manifest) = content else { throw .unsupported(what, in: .oci) }
        try change(&manifest)
        content = .appc(manifest)
    }

    /// Changes the ACI's app, or the OCI image's configuration.
    private mutating func app(
        appc: (inout App) throws(BuildError) -> Void,
        oci: (inout ImageConfiguration.Execution) throws(BuildError) -> Void
    ) throws(BuildError) {
        switch content {
        case .appc(var manifest):
            var app = manifest.app ?? App()
            try appc(&app)
            manifest.app = app
            content = .appc(manifest)
        case .oci(var image):
            try oci(&image.configuration.execution)
            content = .oci(image)
        }
    }

    // MARK: Name, labels, annotations

    /// Names the image.
    package mutating func setName(_ text: String) throws(BuildError) {
        let name = try parsing { () throws(ManifestError) in try ACIdentifier(text) }
        switch content {
        case .appc(var manifest):
            manifest.name = name
            content = .appc(manifest)
        case .oci(var image):
            image.name = name.text
            content = .oci(image)
        }
    }

    /// Sets the tag of an OCI image, or the label `version` of an ACI.
    package mutating func setTag(_ text: String) throws(BuildError) {
        switch content {
        case .appc: try addLabel("version", text)
        case .oci(var image):
            guard text.utf8.count <= 128, let first = text.utf8.first, isTag(first, first: true),
                text.utf8.allSatisfy({ isTag($0, first: false) })
            else { throw .invalid("\"\(text)\" is not a tag") }
            image.tag = text
            content = .oci(image)
        }
    }

    private func isTag(_ byte: UInt8, first: Bool) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_")
            || !first && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-"))
    }

    /// Sets a label; of an ACI it then stands last.
    package mutating func addLabel(_ name: String, _ value: String) throws(BuildError) {
        switch content {
        case .appc(var manifest):
            let label = Label(name: try identifier(name), value: value)
            manifest.labels.removeAll { $0.name == label.name }
            manifest.labels.append(label)
            try check(manifest)
            content = .appc(manifest)
        case .oci(var image):
            guard !name.isEmpty else { throw .invalid("a label needs a name") }
            image.configuration.execution.labels[name] = value
            content = .oci(image)
        }
    }

    /// Removes a label.
    package mutating func removeLabel(_ name: String) throws(BuildError) {
        switch content {
        case .appc(var manifest):
            try remove("label \"\(name)\"", from: &manifest.labels) { $0.name.text == name }
            content = .appc(manifest)
        case .oci(var image):
            guard image.configuration.execution.labels.removeValue(forKey: name) != nil else {
                throw .notFound("label \"\(name)\"")
            }
            content = .oci(image)
        }
    }

    /// Sets an annotation, in its place if it is there.
    package mutating func addAnnotation(_ name: String, _ value: String) throws(BuildError) {
        switch content {
        case .appc(var manifest):
            let annotation = Annotation(name: try identifier(name), value: value)
            try annotation.checkValue()
            put(annotation, into: &manifest.annotations) { $0.name == annotation.name }
            content = .appc(manifest)
        case .oci(var image):
            guard !name.isEmpty else { throw .invalid("an annotation needs a name") }
            image.annotations[name] = value
            content = .oci(image)
        }
    }

    /// Removes an annotation.
    package mutating func removeAnnotation(_ name: String) throws(BuildError) {
        switch content {
        case .appc(var manifest):
            try remove("annotation \"\(name)\"", from: &manifest.annotations) {
                $0.name.text == name
            }
            content = .appc(manifest)
        case .oci(var image):
            guard image.annotations.removeValue(forKey: name) != nil else {
                throw .notFound("annotation \"\(name)\"")
            }
            content = .oci(image)
        }
    }

    // MARK: Program and user

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

    // MARK: Mount points and ports

    /// Says where the image wants a volume; another one of the name or path goes.
    package mutating func addMount(
        _ name: String,
        _ path: String,
        isReadOnly: Bool
    ) throws(BuildError) {
        let point = MountPoint(
            name: try acName(name),
            path: path,
            isReadOnly: isReadOnly
        )
        guard path.utf8.first == 0x2F else {
            throw .invalid("\"\(path)\" is not an absolute path")
        }
        switch content {
        case .appc(var manifest):
            var app = manifest.app ?? App()
            app.mountPoints.removeAll { $0.name == point.name || $0.path == path }
            app.mountPoints.append(point)
            manifest.app = app
            content = .appc(manifest)
        case .oci(var image):
            guard !isReadOnly else { throw .unsupported("a read-only mount", in: .oci) }
            let key = OCINames.mount + name
            if let old = image.annotations[key] {
                image.configuration.execution.volumes.removeAll { "path:\($0)" == old }
            }
            image.configuration.execution.volumes.removeAll { $0 == path }
            image.configuration.execution.volumes.append(path)
            image.annotations[key] = "path:\(path)"
            content = .oci(image)
        }
    }

    /// Removes a mount point, known by its name or its path.
    package mutating func removeMount(_ text: String) throws(BuildError) {
        let what = "mount \"\(text)\""
        switch content {
        case .appc(var manifest):
            guard var app = manifest.app else { throw .notFound(what) }
            try remove(what, from: &app.mountPoints) { $0.name.text == text || $0.path == text }
            manifest.app = app
            content = .appc(manifest)
        case .oci(var image):
            var path = text
            if let named = image.annotations[OCINames.mount + text] {
                path = String(named.dropFirst("path:".count))
            }
            try remove(what, from: &image.configuration.execution.volumes) { $0 == path }
            for (name, value) in image.annotations
            where name.hasPrefix(OCINames.mount) && value == "path:\(path)" {
                image.annotations.removeValue(forKey: name)
            }
            content = .oci(image)
        }
    }

    /// Says where the image can be reached; another port of the name goes.
    package mutating func addPort(
        _ name: String,
        _ kind: String,
        _ number: String,
        count: Int64,
        isSocketActivated: Bool
    ) throws(BuildError) {
        guard let first = UInt16(number), first > 0, Int64(first) + count <= 65536 else {
            throw .invalid("\"\(number)\" is not a port (1 to 65535)")
        }
        guard ["tcp", "udp", "sctp"].contains(kind) else {
            throw .invalid("\"\(kind)\" is not a protocol (tcp or udp)")
        }
        var port = Port(name: try acName(name), protocol: kind, number: first)
        port.count = UInt16(count)
        port.isSocketActivated = isSocketActivated
        try app(
            appc: { app in
                app.ports.removeAll { $0.name.text == name }
                app.ports.append(port)
            },
            oci: { execution throws(BuildError) in
                guard count == 1, !isSocketActivated else {
                    throw .unsupported("--count or --socket-activated", in: .oci)
                }
                execution.exposedPorts.removeAll { $0 == "\(number)/\(kind)" }
                execution.exposedPorts.append("\(number)/\(kind)")
            }
        )
        if case .oci(var image) = content {
            image.annotations[OCINames.port + name] = "number:\(number) protocol:\(kind)"
            content = .oci(image)
        }
    }

    /// Removes a port, known by its name, its number, or both number and protocol.
    package mutating func removePort(_ text: String) throws(BuildError) {
        let what = "port \"\(text)\""
        switch content {
        case .appc(var manifest):
            guard var app = manifest.app else { throw .notFound(what) }
            try remove(what, from: &app.ports) {
                $0.name.text == text || String($0.number) == text
            }
            manifest.app = app
            content = .appc(manifest)
        case .oci(var image):
            var spelling = text
            if let named = image.annotations[OCINames.port + text] {
                let words = named.split { $0 == " " || $0 == ":" }
                spelling = words.count == 4 ? "\(words[1])/\(words[3])" : text
            }
            try remove(what, from: &image.configuration.execution.exposedPorts) {
                $0 == spelling || $0.split(separator: "/").first.map(String.init) == spelling
            }
            image.annotations.removeValue(forKey: OCINames.port + text)
            content = .oci(image)
        }
    }

    // MARK: Dependencies and isolators

    /// Says that the image is built on another one; one of the same name goes.
    package mutating func addDependency(_ dependency: Dependency) throws(BuildError) {
        try appc("a dependency") { manifest in
            put(dependency, into: &manifest.dependencies) {
                $0.imageName == dependency.imageName
            }
        }
    }

    /// Removes a dependency.
    package mutating func removeDependency(_ name: String) throws(BuildError) {
        try appc("a dependency") { manifest throws(BuildError) in
            try remove("dependency \"\(name)\"", from: &manifest.dependencies) {
                $0.imageName.text == name
            }
        }
    }

    /// Sets a limit or permission of the app; others of its kind go.
    package mutating func addIsolator(_ isolator: Isolator) throws(BuildError) {
        if case .unknown(let name, _) = isolator {
            throw .invalid("unknown isolator \"\(name)\"")
        }
        try appc("an isolator") { manifest throws(BuildError) in
            var app = manifest.app ?? App()
            app.isolators.removeAll { $0.name == isolator.name }
            app.isolators.append(isolator)
            manifest.app = app
            try check(manifest)
        }
    }

    /// Removes the limits and permissions of a kind.
    ///
    /// Scripts know from acbuild that this fails with the general exit code.
    package mutating func removeIsolator(_ name: String) throws(BuildError) {
        try appc("an isolator") { manifest throws(BuildError) in
            guard let app = manifest.app, app.isolators.contains(where: { $0.name == name }) else {
                throw .invalid("isolator \"\(name)\" to be removed does not exist in this image")
            }
            manifest.app?.isolators.removeAll { $0.name == name }
        }
    }
}

/// The annotations in which acbuild keeps names that OCI has no place for.
enum OCINames {
    static let mount = "coreos.com/acbuild/mount/"
    static let port = "coreos.com/acbuild/port/"
    static let command = "coreos.com/acbuild/command-"
}
