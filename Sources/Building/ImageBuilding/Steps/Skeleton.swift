internal import Linux

/// What a pod's set-up makes in a root that lacks it, so that something can be mounted there: it isn't the image's.
struct Skeleton {
    private let before: MergedDirectory

    private static let directories = ["proc", "sys", "dev", "tmp"]
    private static let files = ["hosts", "hostname", "resolv.conf"]
    private static let links = ["mtab": Array("../proc/self/mounts".utf8)]

    /// The root before the pod.
    init(before: MergedDirectory) { self.before = before }

    /// Takes out of a run's changes what its program didn't make.
    func remove(from workshop: borrowing Directory, _ path: String) throws(BuildError) {
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
