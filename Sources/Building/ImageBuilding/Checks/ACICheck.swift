package import AppContainer
internal import Archives
internal import JSON
internal import Linux

/// What `actool validate` looks at, each held to the specification; what is wrong is thrown.
package enum ACICheck: String, Sendable, CaseIterable {
    /// An image in a file.
    case image = "appimage"
    /// A directory that becomes an image.
    case layout
    /// The manifest of an image or a pod.
    case manifest

    static let noManifest = "no image manifest found in layout"
    static let noRootfs = "no rootfs found in layout"
    static let manifestLimit = 4 << 20

    /// What the file or directory at a path looks like; nil if it is none of these.
    package static func kind(of path: String) throws(BuildError) -> ACICheck? {
        if (try? Directory(path: path)) != nil { return .layout }
        let start = try step("open \"\(path)\"") { () throws(Errno) in
            try Descriptor.open(path, .nonBlocking).read(at: 0, count: 512)
        }
        if isText(start) { return .manifest }
        return CompressionFormat(detecting: start.span) == nil ? nil : .image
    }

    /// Checks what is at a path and says what it is.
    package func check(_ path: String) throws(BuildError) -> String {
        switch self {
        case .image:
            let manifest = try ACIReading(path: path).manifest
            _ = try parsing { () throws(ManifestError) in try ImageManifest(parsing: manifest) }
            return "app container image"
        case .layout:
            _ = try Self.layout(path)
            return "image layout"
        case .manifest: return try Self.manifest(path)
        }
    }

    /// The bytes of the manifest of the image in a file, all of which is looked at.
    package static func manifest(ofImage path: String) throws(BuildError) -> [UInt8] {
        try ACIReading(path: path).manifest
    }

    /// The manifest and the root of a layout: a directory of `manifest`, `rootfs` and nothing else.
    package static func layout(
        _ path: String
    ) throws(BuildError) -> (manifest: ImageManifest, root: MergedDirectory) {
        let directory = try step("open \"\(path)\"") { () throws(Errno) in
            try Directory(path: path)
        }
        let names = try step("read \"\(path)\"") { () throws(Errno) in
            try directory.entries().map(\.name)
        }
        guard names.contains("manifest") else { throw .invalid(noManifest) }
        guard names.contains("rootfs") else { throw .invalid(noRootfs) }
        if let other = names.first(where: { $0 != "manifest" && $0 != "rootfs" }) {
            throw .invalid("unrecognized file in layout: \(other)")
        }
        let bytes = try step("read \"\(path)/manifest\"") { () throws(Errno) in
            try directory.readFile("manifest", limit: manifestLimit)
        }
        let manifest = try parsing { () throws(ManifestError) in try ImageManifest(parsing: bytes) }
        let root = try step("open \"\(path)/rootfs\"") { () throws(Errno) in
            try directory.directory("rootfs")
        }
        return (manifest, MergedDirectory(layer: root))
    }

    private static func manifest(_ path: String) throws(BuildError) -> String {
        let bytes = try step("read \"\(path)\"") { () throws(Errno) in
            try readHostFile(path, limit: manifestLimit)
        }
        let document: JSON
        do throws(JSONError) { document = try JSON.parse(bytes) } catch {
            throw .invalid("error unmarshaling manifest: \(error)")
        }
        switch document["acKind"]?.string {
        case "ImageManifest":
            _ = try parsing { () throws(ManifestError) in try ImageManifest(json: document) }
            return "ImageManifest"
        case "PodManifest":
            _ = try parsing { () throws(ManifestError) in try PodManifest(json: document) }
            return "PodManifest"
        default:
            throw .invalid("error unmarshaling manifest: acKind is neither of an image nor a pod")
        }
    }

    /// JSON begins with a brace.
    private static func isText(_ start: [UInt8]) -> Bool {
        start.first { !$0.isSpace } == UInt8(ascii: "{")
    }
}

extension UInt8 {
    fileprivate var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
