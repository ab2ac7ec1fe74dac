package import JSON

/// The `manifest.json` of an archive written by `docker save`: the images in it.
package struct DockerArchive: Sendable, Hashable {
    /// The name of the document in the archive.
    package static let fileName = "manifest.json"

    /// The images, at least one.
    package var images: [Image]

    /// One image, as files of the archive.
    package struct Image: Sendable, Hashable {
        /// The file that holds the image configuration.
        package var configuration: String
        /// The names and tags of the image.
        package var repoTags: [String]
        /// The files that hold the layers, lowest first; one file may serve several times.
        package var layers: [String]
    }
}

extension DockerArchive: OCIDocument {
    package static let title = "manifest.json"

    package init(at cursor: JSONCursor) throws(JSONError) {
        images = try cursor.elements(limit: Limits.images).map { image throws(JSONError) in
            try Image(at: image)
        }
        guard !images.isEmpty else { throw cursor.invalid("there is no image in it") }
    }
}

extension DockerArchive.Image {
    fileprivate init(at cursor: JSONCursor) throws(JSONError) {
        configuration = try cursor.required("Config").memberPath()
        repoTags = try cursor.strings("RepoTags")
        layers = try cursor.required("Layers").elements(limit: Limits.layers).map {
            layer throws(JSONError) in try layer.memberPath()
        }
    }
}

extension JSONCursor {
    /// This string as the name of a file in the archive: relative and without `..`.
    fileprivate func memberPath() throws(JSONError) -> String {
        let path = try string()
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard path.utf8.count <= 4096, parts.allSatisfy({ !["", ".", ".."].contains($0) }) else {
            throw invalid("\(quoted(path)) is not the name of a file in the archive")
        }
        return path
    }
}
