package import JSON

/// An app in a pod: which image it comes from and what the pod changes about it.
package struct RuntimeApp: Sendable, Hashable {
    /// Its name in the pod.
    package var name: ACName
    /// The image it comes from.
    package var image: RuntimeImage
    /// What runs; nil means what the image says.
    package var app: App?
    /// Whether its root file system can't be written.
    package var hasReadOnlyRootFS: Bool
    /// The volumes it gets beyond those its mount points ask for.
    package var mounts: [Mount]
    /// What else is told about it, without what ``App`` keeps in members of its own.
    package var annotations: [Annotation]

    /// Makes an app that changes nothing about its image.
    package init(name: ACName, image: RuntimeImage, app: App? = nil) {
        self.name = name
        self.image = image
        self.app = app
        hasReadOnlyRootFS = false
        mounts = []
        annotations = []
    }
}

/// The image that an app in a pod comes from.
package struct RuntimeImage: Sendable, Hashable {
    /// What it is called.
    package var name: ACIdentifier?
    /// Which one it is.
    package var id: ImageHash
    /// What it was asked for by.
    package var labels: [Label]

    /// Names an image.
    package init(name: ACIdentifier? = nil, id: ImageHash, labels: [Label] = []) {
        self.name = name
        self.id = id
        self.labels = labels
    }
}

extension RuntimeApp: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        name = try cursor.required("name").parsed(ACName.init(_:))
        image = try RuntimeImage(at: cursor.required("image"))
        app = try cursor.optional("app").map { app throws(JSONError) in try App(at: app) }
        hasReadOnlyRootFS = try cursor.optional("readOnlyRootFS")?.bool() ?? false
        mounts = try cursor.list("mounts")
        annotations = try cursor.list("annotations", unique: \.name)
        if app != nil { try moveAnnotationsIntoApp(cursor) }
    }

    package var json: JSON {
        var members: [JSON.Member] = []
        members.append("name", .string(name.text))
        members.append("image", image.json)
        if let app { members.append("app", app.json) }
        if hasReadOnlyRootFS { members.append("readOnlyRootFS", true) }
        members.append("mounts", unlessEmpty: mounts)
        members.append("annotations", unlessEmpty: annotations + appAnnotations)
        return .object(members)
    }
}

/// How the members of ``App`` that appc lacks are written: as annotations that other readers skip.
extension RuntimeApp {
    /// The number of the signal that asks the app to end.
    private static let stopSignal = ACIdentifier(known: "rkt.dev/stop-signal")
    /// `oci` if the app comes from an OCI image, `docker-aci` if from an ACI that was made from a Docker image.
    private static let imageFormat = ACIdentifier(known: "rkt.dev/image-format")

    private var appAnnotations: [Annotation] {
        var annotations: [Annotation] = []
        if let signal = app?.stopSignal {
            annotations.append(Annotation(name: Self.stopSignal, value: String(signal)))
        }
        if app?.isOCI == true {
            annotations.append(Annotation(name: Self.imageFormat, value: "oci"))
        } else if app?.isConverted == true {
            annotations.append(Annotation(name: Self.imageFormat, value: "docker-aci"))
        }
        return annotations
    }

    private mutating func moveAnnotationsIntoApp(_ cursor: JSONCursor) throws(JSONError) {
        if let text = annotations[Self.stopSignal.text] {
            guard let signal = Int(text), 1...31 ~= signal || 34...64 ~= signal else {
                throw cursor.invalid(
                    "\(Self.stopSignal): \(quoted(text)) is not a signal (1 to 31, 34 to 64)"
                )
            }
            app?.stopSignal = signal
        }
        if let text = annotations[Self.imageFormat.text] {
            switch text {
            case "oci": app?.isOCI = true
            case "docker-aci": app?.isConverted = true
            default:
                throw cursor.invalid(
                    "\(Self.imageFormat): \(quoted(text)) is not \"oci\" or \"docker-aci\""
                )
            }
        }
        annotations.removeAll { $0.name == Self.stopSignal || $0.name == Self.imageFormat }
    }
}

extension RuntimeImage: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        name = try cursor.optional("name")?.parsed(ACIdentifier.init(_:))
        id = try cursor.required("id").parsed(ImageHash.init(_:))
        labels = try cursor.imageLabels()
    }

    package var json: JSON {
        var members: [JSON.Member] = []
        if let name { members.append("name", .string(name.text)) }
        members.append("id", .string(id.description))
        members.append("labels", unlessEmpty: labels)
        return .object(members)
    }
}
