package import JSON

/// A blob that is either an image or a list of images, whichever its content says.
package enum ImageDocument: Sendable, Hashable {
    /// One image.
    case manifest(Manifest)
    /// A list of images.
    case index(Index)
}

extension ImageDocument: OCIDocument {
    package static let title = "image manifest or index"

    package init(at cursor: JSONCursor) throws(JSONError) {
        if try cursor.optional("manifests") != nil {
            self = .index(try Index(at: cursor))
        } else {
            self = .manifest(try Manifest(at: cursor))
        }
    }

    /// Reads the blob of a descriptor, whose media type it must have: else one digest had two meanings.
    package init(parsing bytes: [UInt8], of descriptor: ContentDescriptor) throws(OCIError) {
        try self.init(parsing: bytes)
        let isAsTold =
            switch self {
            case .manifest(let manifest):
                descriptor.mediaType.isManifest
                    && manifest.mediaType ?? descriptor.mediaType == descriptor.mediaType
            case .index(let index):
                descriptor.mediaType.isIndex
                    && index.mediaType ?? descriptor.mediaType == descriptor.mediaType
            }
        guard isAsTold else {
            let told = quoted(descriptor.mediaType.text)
            throw .document(
                Self.title,
                .invalid(path: "", reason: "not the \(told) it is said to be")
            )
        }
    }
}
