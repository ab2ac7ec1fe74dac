package import Linux

/// An extended attribute that images keep.
package struct ExtendedAttribute: Sendable, Equatable {
    let name: String
    let value: [UInt8]
}

extension Descriptor {
    /// The attributes that belong to an image, sorted: the user's, and file capabilities.
    ///
    /// Marks of overlayfs and labels of security modules belong to this machine.
    package func imageAttributes() throws(Errno) -> [ExtendedAttribute] {
        var result: [ExtendedAttribute] = []
        for name in try extendedAttributes().sorted()
        where
            name == "security.capability"
            || name.hasPrefix("user.") && !name.hasPrefix("user.overlay.")
        {
            result.append(ExtendedAttribute(name: name, value: try extendedAttribute(name)))
        }
        return result
    }

    /// Gives a copy the owner, permissions, attributes and time of its original, in an order in which none undoes
    /// another.
    func describe(
        as status: FileStatus,
        _ attributes: [ExtendedAttribute],
        uid: UInt32? = nil,
        gid: UInt32? = nil,
        mode: UInt32? = nil
    ) throws(Errno) {
        try own { () throws(Errno) in
            try setOwner(uid: uid ?? status.uid, gid: gid ?? status.gid)
        }
        try setPermissions(mode ?? status.permissions)
        for attribute in attributes {
            guard let name = RawPath(attribute.name.utf8) else { continue }
            do throws(Errno) {
                try setExtendedAttribute(name, attribute.value)
            } catch {
                // A user namespace may not set file capabilities, and some file systems have no attributes.
                guard error == .notSupported || error == .notPermitted else { throw error }
            }
        }
        let time = status.modified
        try setTime(seconds: time.seconds, nanoseconds: Int32(clamping: time.nanoseconds))
    }
}

/// Changes an owner; an id that a user namespace doesn't know stays ours.
func own(_ change: () throws(Errno) -> Void) throws(Errno) {
    do throws(Errno) {
        try change()
    } catch {
        guard error == .invalidArgument || error == .notPermitted else { throw error }
    }
}
