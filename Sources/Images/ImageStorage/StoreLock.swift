internal import Linux

/// A lock with a name, a file in `$data/locks`; the kernel drops it with the process.
///
/// A layer's is exclusive while it is built or removed, and shared from when it is found until a record names it.
/// Nobody waits for one while holding an exclusive one, so two imports with layers in different orders can't wait for each other.
/// Removal never waits: a locked layer is being used for an import and stays.
package final class StoreLock {
    private let name: String
    private let file: Descriptor

    private init(_ name: String, _ file: consuming Descriptor) {
        self.name = name
        self.file = file
    }

    /// Waits for the lock.
    static func take(
        _ name: String,
        _ mode: LockMode,
        in locks: borrowing Directory
    ) throws(Errno) -> StoreLock {
        while true {
            let file = try locks.open(name, [.readWrite, .create])
            try file.lock(mode)
            if try isCurrent(file, name, in: locks) { return StoreLock(name, file) }
        }
    }

    /// Takes the lock unless somebody has it.
    static func takeIfFree(
        _ name: String,
        _ mode: LockMode = .exclusive,
        in locks: borrowing Directory
    ) throws(Errno) -> StoreLock? {
        let file = try locks.open(name, [.readWrite, .create])
        guard try file.tryLock(mode), try isCurrent(file, name, in: locks) else {
            return nil
        }
        return StoreLock(name, file)
    }

    /// Lets others in who want it shared.
    func share() throws(Errno) { try file.lock(.shared) }

    /// Removes the file, with the exclusive lock held; who waits for it starts over with a new one.
    func removeFile(in locks: borrowing Directory) throws(Errno) { try locks.remove(name) }

    /// A file that was removed while we waited locks nothing any more.
    private static func isCurrent(
        _ file: borrowing Descriptor,
        _ name: String,
        in locks: borrowing Directory
    ) throws(Errno) -> Bool {
        guard let now = try? locks.status(of: name) else { return false }
        return now.inode == (try file.status().inode)
    }
}

extension LayerID {
    var lockName: String { "layer-\(self)" }
}
