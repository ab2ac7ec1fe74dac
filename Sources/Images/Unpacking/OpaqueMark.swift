internal import Linux

/// How overlayfs, mounted with `userxattr`, is told that lower layers aren't to be seen in a directory.
///
/// The attribute overlayfs reads by default is `trusted.overlay.opaque`, but writing that takes CAP_SYS_ADMIN, which
/// nothing that reads an archive should have (R11).
struct OpaqueMark {
    private let attribute: RawPath

    init() {
        guard let name = RawPath(Array("user.overlay.opaque".utf8)) else {
            preconditionFailure("an attribute's name is never empty")
        }
        attribute = name
    }

    /// Marks a directory.
    func set(on parent: borrowing Directory, _ name: RawName) throws(Errno) {
        try set(on: try parent.directory(name))
    }

    /// Marks a directory that is open for reading.
    func set(on directory: borrowing Directory) throws(Errno) {
        try directory.descriptor.setExtendedAttribute(attribute, [UInt8(ascii: "y")])
    }
}

extension FileStatus {
    /// The character device 0:0, which only a whiteout can be: other devices are never made.
    var isWhiteout: Bool { kind == .characterDevice && deviceMajor == 0 && deviceMinor == 0 }
}
