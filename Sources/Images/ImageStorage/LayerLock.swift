internal import Linux

/// The lock of one layer, `$data/locks/layer-ID`: exclusive while it is built or removed, shared from when it is
/// found until a record names it.
///
/// Nobody waits for a lock while building, so two imports with layers in different orders can't wait for each other.
/// Removal never waits: a locked layer is being used for an import and stays.
package final class LayerLock {
    package let layer: LayerID
    private let file: Descriptor

    private init(_ layer: LayerID, _ file: consuming Descriptor) {
        self.layer = layer
        self.file = file
    }

    /// Waits for the lock.
    static func take(
        _ layer: LayerID,
        _ mode: LockMode,
        in locks: borrowing Directory
    ) throws(Errno) -> LayerLock {
        while true {
            let file = try locks.open(name(of: layer), [.readWrite, .create])
            try file.lock(mode)
            if try isCurrent(file, of: layer, in: locks) { return LayerLock(layer, file) }
        }
    }

    /// Takes the exclusive lock unless somebody has it.
    static func takeIfFree(
        _ layer: LayerID,
        in locks: borrowing Directory
    ) throws(Errno) -> LayerLock? {
        let file = try locks.open(name(of: layer), [.readWrite, .create])
        guard try file.tryLock(.exclusive), try isCurrent(file, of: layer, in: locks) else {
            return nil
        }
        return LayerLock(layer, file)
    }

    /// Lets others use the layer too, once it is built.
    func share() throws(Errno) { try file.lock(.shared) }

    /// Removes the lock's file, with the exclusive lock held.
    func removeFile(in locks: borrowing Directory) throws(Errno) {
        try locks.remove(Self.name(of: layer))
    }

    /// A file that was removed while we waited locks nothing any more.
    private static func isCurrent(
        _ file: borrowing Descriptor,
        of layer: LayerID,
        in locks: borrowing Directory
    ) throws(Errno) -> Bool {
        guard let now = try? locks.status(of: name(of: layer)) else { return false }
        return now.inode == (try file.status().inode)
    }

    private static func name(of layer: LayerID) -> String { "layer-\(layer)" }
}
