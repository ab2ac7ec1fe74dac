package import Linux

/// A directory in `$data/tmp` where a tree is built or taken apart; gone when its owner ends.
///
/// Its owner holds a lock on it, which the kernel drops with the process: what nobody holds is left over from a
/// process that was killed, and is removed by the next one that looks.
package final class TemporaryTree {
    /// The directory to build in.
    package let directory: Directory
    let parent: Directory
    /// Its name in the directory `tmp`.
    package let name: String

    /// Makes an empty one.
    init(in parent: borrowing Directory) throws(Errno) {
        while true {
            let name = Self.randomName()
            try parent.makeDirectory(name, mode: 0o700)
            guard let directory = try Self.locked(name, in: parent) else { continue }
            // What an image's root is unless its layers say otherwise; the parent is private.
            try directory.descriptor.setPermissions(0o755)
            self.directory = directory
            self.parent = try parent.duplicate()
            self.name = name
            return
        }
    }

    /// Takes a directory of the store away from where it is seen, to be removed with this object.
    init(
        taking victim: String,
        of source: borrowing Directory,
        to parent: borrowing Directory
    ) throws(Errno) {
        let name = Self.randomName()
        directory = try source.directory(victim)
        self.parent = try parent.duplicate()
        self.name = name
        _ = try directory.descriptor.tryLock(.exclusive)
        try source.rename(victim, to: parent, as: name)
    }

    deinit {
        // What was renamed out of here isn't there any more; what can't be removed now is left over, and recognised.
        try? parent.removeTree(name)
    }

    /// Moves the tree to its place; what is there comes here, and goes with this object.
    func take(_ place: String, in target: borrowing Directory) throws(Errno) {
        if target.contains(place) {
            try parent.exchange(name, with: place, in: target)
        } else {
            try parent.rename(name, to: target, as: place, exclusive: true)
        }
    }

    /// Removes what processes that were killed have left.
    static func reclaim(in parent: borrowing Directory) throws(Errno) {
        for entry in try parent.entries() where entry.name.hasPrefix(prefix) {
            // One that can't be removed, by a lack of rights for instance, must not stop the others.
            guard let abandoned = try? locked(entry.name, in: parent) else { continue }
            try? parent.removeTree(entry.name)
            _ = consume abandoned
        }
    }

    private static let prefix = "images-"

    private static func randomName() -> String { prefix + randomHex(bytes: 8) }

    /// Opens and locks a directory; nil if somebody else has it, or removed it meanwhile.
    private static func locked(
        _ name: String,
        in parent: borrowing Directory
    ) throws(Errno) -> Directory? {
        let directory: Directory
        do throws(Errno) {
            directory = try parent.directory(name)
        } catch {
            if error == .noSuchFile { return nil }
            throw error
        }
        guard try directory.descriptor.tryLock(.exclusive),
            let now = try? parent.status(of: name),
            now.inode == (try directory.descriptor.status().inode)
        else { return nil }
        return directory
    }
}
