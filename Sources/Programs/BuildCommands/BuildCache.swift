internal import ImageBuilding
internal import ImageStorage
internal import Linux

/// Where layers of Containerfiles are kept: below rkt's data directory, for all builds of a user.
enum BuildCache {
    /// Opens it, and tidies it up if no other build is under way.
    static func open(_ dataDirectory: String) throws -> Workshop {
        let path = dataDirectory + "/build"
        let directory = try Directory.making(path: path, mode: 0o700)
        if try directory.descriptor.tryLock(.exclusive) {
            try directory.removeTree("staging")
            try StepPods.collect(in: path)
        }
        try directory.descriptor.lock(.shared)
        return Workshop(directory, path: path)
    }
}

/// Which image the last build of the same key became.
struct BuildResults {
    private let path: String

    init(_ workshop: borrowing Workshop, key: String) {
        path = "\(workshop.path)/results/\(ContainerfileBuild.name(for: key))"
    }

    var id: ImageID? {
        guard let bytes = try? readHostFile(path, limit: 200) else { return nil }
        return ImageID(String(decoding: bytes, as: UTF8.self))
    }

    func remember(_ id: ImageID) {
        let parts = path.split(separator: "/")
        guard let name = parts.last else { return }
        let parent = "/" + parts.dropLast().joined(separator: "/")
        try? Directory.making(path: parent, mode: 0o700)
            .replaceFile(String(name), Array(id.description.utf8))
    }
}
