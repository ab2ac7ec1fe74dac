internal import AppContainer
internal import OCI

// What the verbs of `acbuild` change. Each of them checks its values first, so a draft can always be written.
extension ImageDraft {
    /// Changes an ACI's manifest; `what` names the change where the format has no place for it.
    mutating func appc(
        _ what: String,
        _ change: (inout ImageManifest) throws(BuildError) -> Void
    ) throws(BuildError) {
        guard case .appc(var manifest) = content else { throw .unsupported(what, in: .oci) }
        try change(&manifest)
        content = .appc(manifest)
    }

    /// Changes the ACI's app, or the OCI image's configuration.
    mutating func app(
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
}

/// The annotations in which acbuild keeps names that OCI has no place for.
enum OCINames {
    static let mount = "coreos.com/acbuild/mount/"
    static let port = "coreos.com/acbuild/port/"
    static let command = "coreos.com/acbuild/command-"
}
