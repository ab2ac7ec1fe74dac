internal import Linux

/// The `pathWhitelist` of an image: which paths of it, and of all below it, are left (appc, Dependency Matching).
///
/// Paths are exact, without patterns; the directories on the way to a listed path are listed with it.
struct PathFilter: Sendable, Equatable {
    /// Whose list it is: an image has one, and it can't change.
    let image: ImageID
    private let paths: Set<[UInt8]>
    private let parents: Set<[UInt8]>

    /// The list of an image; nil for one that lists nothing and so keeps everything.
    init?(_ list: [String], of image: ImageID) {
        guard !list.isEmpty else { return nil }
        self.image = image
        var paths: Set<[UInt8]> = []
        var parents: Set<[UInt8]> = []
        for text in list {
            var path: [UInt8] = []
            for part in Self.parts(text) {
                if !path.isEmpty {
                    parents.insert(path)
                    path.append(0x2F)
                }
                path += part.utf8
            }
            if !path.isEmpty { paths.insert(path) }
        }
        self.paths = paths
        self.parents = parents
    }

    /// Whether something of the image, or of one below it, is left.
    func keeps(_ path: [UInt8], isDirectory: Bool) -> Bool {
        paths.contains(path) || (isDirectory && parents.contains(path))
    }

    private static func parts(_ text: String) -> [Substring] {
        var parts: [Substring] = []
        for part in text.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts
    }
}
