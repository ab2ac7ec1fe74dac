internal import JSON

/// What `rkt` asks of `rkt-fetcher`: to write an image of the store where a user wants it.
package struct ExportRequest: Sendable {
    /// The form that the image gets.
    package enum Form: String, Sendable {
        /// An ACI.
        case aci
        /// A directory with an OCI layout.
        case ociLayout = "oci"
        /// A tar of an OCI layout.
        case ociArchive = "oci-archive"
        /// A tar as `docker save` writes it.
        case dockerArchive = "docker-archive"
        /// The store's own blobs, to be pushed from there.
        case blobs
        /// None: what the store has is compared with what it was.
        case check
    }

    /// The descriptors this program gets besides the standard three.
    package enum Inherited {
        package static let data: Int32 = 3
        package static let events: Int32 = 4
        package static let request: Int32 = 5
    }

    /// The argument that tells this work from the others.
    package static let argument = "--export"

    /// The image; its layers are those that are written.
    package let image: StoredImage
    package let form: Form
    /// As the user gave it.
    package let path: String
    /// What the image is called there, instead of its own name.
    package let tag: String?
    /// Whether what is there is replaced.
    package let overwrites: Bool
    /// Whether the layers hold the files of all that the image depends on.
    package let isWhole: Bool
    /// A pod's directories above the layers, from the top, relative to the data directory.
    package var changes: [String] = []
    /// Whether an ACI is compressed.
    package var isCompressed = false

    /// Asks for an image.
    package init(
        _ image: StoredImage,
        as form: Form,
        to path: String,
        tag: String? = nil,
        overwrites: Bool = false,
        isWhole: Bool = false
    ) {
        self.image = image
        self.form = form
        self.path = path
        self.tag = tag
        self.overwrites = overwrites
        self.isWhole = isWhole
    }

    /// The request as it is handed over.
    package var bytes: [UInt8] {
        JSON.object([
            .init("image", image.record), .init("form", .string(form.rawValue)),
            .init("path", .string(path)), .init("tag", tag.map { .string($0) } ?? .null),
            .init("overwrites", .bool(overwrites)), .init("isWhole", .bool(isWhole)),
            .init("changes", .array(changes.map { .string($0) })),
            .init("isCompressed", .bool(isCompressed)),
        ]).encodedBytes()
    }

    /// The longest request: an image's record and some more.
    package static let limit = ImageStore.recordLimit + 64 << 10

    /// Reads a request; nil if it isn't one.
    package init?(_ bytes: [UInt8]) {
        guard let json = try? JSON.parse(bytes, limit: Self.limit), let record = json["image"],
            let image = try? StoredImage(record: JSONCursor(record)),
            let form = json["form"]?.string.flatMap(Form.init), let path = json["path"]?.string
        else { return nil }
        self.init(
            image,
            as: form,
            to: path,
            tag: json["tag"]?.string,
            overwrites: json["overwrites"]?.bool ?? false,
            isWhole: json["isWhole"]?.bool ?? false
        )
        changes = json["changes"]?.array?.compactMap(\.string) ?? []
        isCompressed = json["isCompressed"]?.bool ?? false
    }
}
