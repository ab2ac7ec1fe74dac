internal import Linux

/// What a pod's set-up makes in a root that lacks it, so that something can be mounted there: it isn't the image's.
struct Skeleton {
    private let before: MergedDirectory
    /// Where the pod had something mounted.
    var mountPoints: [String] = []

    private static let directories = ["proc", "sys", "dev", "tmp"]
    private static let files = ["hosts", "hostname", "resolv.conf"]
    private static let links = ["mtab": Array("../proc/self/mounts".utf8)]

    /// The root before the pod.
    init(before: MergedDirectory) { self.before = before }

    /// Takes out of a run's changes what its program didn't make.
    func remove(from workshop: borrowing Directory, _ path: String) throws(BuildError) {
        // What is mounted in something else that is mounted left nothing here.
        for point in mountPoints.sorted(by: { $0.utf8.count > $1.utf8.count }) {
            let place = try before.resolve(Array(point.utf8))
            guard place.status == nil else { continue }
            try step("read the changes") { () throws(Errno) in
                try removeMountPoint(place, from: workshop.directory(path))
            }
        }
        try step("read the changes") { () throws(Errno) in
            let changes = try workshop.directory(path)
            for name in Self.directories where try isNew(name, in: before) {
                try removeEmpty(name, from: changes)
            }
            try cleanConfiguration(in: changes)
            if try changes.rawNames().isEmpty {
                let time = try before.status().modified
                try changes.descriptor.setTime(
                    seconds: time.seconds,
                    nanoseconds: Int32(clamping: time.nanoseconds)
                )
            }
        }
    }

    private func cleanConfiguration(in changes: borrowing Directory) throws(Errno) {
        guard let etc = RawName("etc".utf8), let there = try? changes.status(of: etc),
            there.kind == .directory
        else { return }
        let directory = try changes.directory(etc)
        var old: MergedDirectory?
        if let entry = try before.entry(etc), entry.status.kind == .directory {
            old = try before.directory(etc, entry)
        }
        for name in Self.files
        where try old.map({ (old) throws(Errno) in try isNew(name, in: old) }) ?? true {
            guard let status = try? directory.status(of: name), status.kind == .regular,
                status.size == 0
            else { continue }
            try directory.remove(name)
        }
        for (name, target) in Self.links
        where try old.map({ (old) throws(Errno) in try isNew(name, in: old) }) ?? true {
            guard let raw = RawName(name.utf8), (try? directory.readLink(raw)) == target else {
                continue
            }
            try directory.remove(name)
        }
        guard try directory.rawNames().isEmpty, !directory.descriptor.isOpaque else { return }
        if let status = try old?.status() {
            guard
                (status.uid, status.gid, status.permissions)
                    == (there.uid, there.gid, there.permissions)
            else { return }
        }
        try changes.remove(etc, directory: true)
    }

    /// Removes an empty file or directory, and directories above it that are empty then and weren't there before.
    private func removeMountPoint(
        _ place: MergedPath,
        from changes: borrowing Directory
    ) throws(Errno) {
        for count in (place.existing + 1...max(place.existing + 1, place.components.count))
            .reversed()
        {
            guard count <= place.components.count else { return }
            let name = place.components[count - 1]
            var parent = try changes.duplicate()
            for component in place.components.prefix(count - 1) {
                guard (try? parent.status(of: component).kind) == .directory else { return }
                parent = try parent.directory(component)
            }
            guard let status = try? parent.status(of: name) else { continue }
            switch status.kind {
            case .directory:
                guard try parent.directory(name).rawNames().isEmpty else { return }
                try parent.remove(name, directory: true)
            case .regular where status.size == 0: try parent.remove(name, directory: false)
            default: return
            }
        }
    }

    private func isNew(_ name: String, in directory: MergedDirectory) throws(Errno) -> Bool {
        guard let name = RawName(name.utf8) else { return false }
        return try directory.entry(name) == nil
    }

    private func removeEmpty(_ name: String, from changes: borrowing Directory) throws(Errno) {
        do throws(Errno) {
            try changes.remove(name, directory: true)
        } catch {
            let expected: [Errno] = [.noSuchFile, .directoryNotEmpty, .notDirectory, .exists]
            guard expected.contains(error) else { throw error }
        }
    }
}
