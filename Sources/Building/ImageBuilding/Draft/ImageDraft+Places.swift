internal import AppContainer
internal import OCI

// Where the image wants volumes, and where it can be reached.
extension ImageDraft {
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
}
