package import JSON

/// What an ACI says about itself (appc specification, Image Manifest Schema).
package struct ImageManifest: Sendable, Hashable {
    /// The version of the specification this manifest was written for.
    package var specification: String
    /// The name of the image.
    package var name: ACIdentifier
    /// What the image can be asked for by: `version`, `os`, `arch` and others.
    package var labels: [Label]
    /// What runs, if the image is meant to run by itself.
    package var app: App?
    /// What else is told about the image.
    package var annotations: [Annotation]
    /// The images below this one.
    package var dependencies: [Dependency]
    /// If not empty: the only paths of the rendered image that stay in it.
    package var pathWhitelist: [String]

    /// Makes a manifest of the newest specification.
    package init(
        name: ACIdentifier,
        labels: [Label] = [],
        app: App? = nil,
        annotations: [Annotation] = [],
        dependencies: [Dependency] = [],
        pathWhitelist: [String] = []
    ) {
        specification = Specification.version
        self.name = name
        self.labels = labels
        self.app = app
        self.annotations = annotations
        self.dependencies = dependencies
        self.pathWhitelist = pathWhitelist
    }
}

extension ImageManifest: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        try Specification.checkKind("ImageManifest", of: cursor)
        specification = try cursor.required("acVersion").parsedVersion()
        name = try cursor.required("name").parsed(ACIdentifier.init(_:))
        labels = try cursor.imageLabels()
        app = try cursor.optional("app").map { app throws(JSONError) in try App(at: app) }
        try app?.checkEnvironmentNames(cursor)
        annotations = try cursor.list("annotations", unique: \.name)
        dependencies = try cursor.list("dependencies")
        pathWhitelist = try cursor.optional("pathWhitelist")?.strings() ?? []
    }

    package var json: JSON {
        var members: [JSON.Member] = []
        members.append("acKind", "ImageManifest")
        members.append("acVersion", .string(specification))
        members.append("name", .string(name.text))
        members.append("labels", unlessEmpty: labels)
        if let app { members.append("app", app.json) }
        members.append("annotations", unlessEmpty: annotations)
        members.append("dependencies", unlessEmpty: dependencies)
        if !pathWhitelist.isEmpty { members.append("pathWhitelist", JSON(strings: pathWhitelist)) }
        return .object(members)
    }
}

extension App {
    /// Image manifests hold their variables to names that a shell can set; OCI images don't.
    fileprivate func checkEnvironmentNames(_ cursor: JSONCursor) throws(JSONError) {
        for variable in environment where !variable.hasPortableName {
            throw cursor.invalid("app.environment: \(quoted(variable.name)) is not a variable name")
        }
    }
}

/// An image that another one is built on.
package struct Dependency: Sendable, Hashable {
    /// The name of the image.
    package var imageName: ACIdentifier
    /// The very image, if it must be that one.
    package var imageID: ImageHash?
    /// What the image must be labelled.
    package var labels: [Label]
    /// The size of the image in bytes, if it is told.
    package var size: UInt64?

    /// Names an image.
    package init(
        imageName: ACIdentifier,
        imageID: ImageHash? = nil,
        labels: [Label] = [],
        size: UInt64? = nil
    ) {
        self.imageName = imageName
        self.imageID = imageID
        self.labels = labels
        self.size = size
    }
}

extension Dependency: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        imageName = try cursor.required("imageName").parsed(ACIdentifier.init(_:))
        imageID = try cursor.optional("imageID")?.parsed(ImageHash.init(_:))
        labels = try cursor.list("labels", unique: \.name)
        size = try cursor.optional("size")?.integer(UInt64.self)
    }

    package var json: JSON {
        var members = [JSON.Member("imageName", .string(imageName.text))]
        if let imageID { members.append("imageID", .string(imageID.description)) }
        members.append("labels", unlessEmpty: labels)
        if let size, size > 0 { members.append("size", .integer(Int64(clamping: size))) }
        return .object(members)
    }
}
