internal import Linux

/// Moves the changes of one step into the layer they were made above.
///
/// Everything is moved by renaming, and what has been moved is gone from the changes: a merge that was cut short is
/// finished by another one.
struct LayerMerge {
    /// Whether there are layers below, from which whiteouts must keep hiding things.
    let hidesLower: Bool

    /// Empties `changes` into `layer`; both are on one file system.
    func merge(_ changes: borrowing Directory, into layer: borrowing Directory) throws(Errno) {
        // Before the moves, which change the time.
        let status = try changes.descriptor.status()
        for name in try changes.rawNames() {
            let own = try changes.status(of: name)
            let there = try? layer.status(of: name)
            if own.kind == .directory, there?.kind == .directory {
                let source = try changes.directory(name)
                if !source.descriptor.isOpaque {
                    try merge(source, into: layer.directory(name))
                    try changes.remove(name, directory: true)
                    continue
                }
            }
            if own.kind == .directory, there?.isWhiteout == true {
                // The name was hidden from lower layers; its new directory must hide theirs too.
                try changes.directory(name).descriptor.markOpaque()
            }
            if there != nil { try layer.removeTree(name) }
            if own.isWhiteout, !hidesLower {
                try changes.remove(name, directory: false)
            } else {
                try changes.rename(name, to: layer, as: name)
            }
        }
        try layer.descriptor.describe(as: status, changes.descriptor.imageAttributes())
    }
}

extension Descriptor {
    /// Tells overlayfs that lower layers show nothing in this directory.
    func markOpaque() throws(Errno) {
        guard let name = RawPath("user.overlay.opaque".utf8) else { return }
        try setExtendedAttribute(name, [UInt8(ascii: "y")])
    }
}
