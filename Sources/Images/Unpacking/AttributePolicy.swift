import Archives

/// Which extended attributes of an image are kept (R12).
///
/// `trusted.*` and `user.overlay.*` would steer overlayfs into other layers; labels of security modules and access
/// control lists belong to the machine, not to the image.
enum AttributePolicy {
    /// Whether to write the attribute.
    static func keeps(_ attribute: TarAttribute) -> Bool {
        guard attribute.name.count <= 255, attribute.value.count <= 64 << 10 else { return false }
        if attribute.name == capability { return isFileCapability(attribute.value) }
        return attribute.name.starts(with: user) && attribute.name.count > user.count
            && !attribute.name.starts(with: overlay)
    }

    private static let capability = Array("security.capability".utf8)
    private static let user = Array("user.".utf8)
    private static let overlay = Array("user.overlay.".utf8)

    /// `struct vfs_cap_data` of revision 2 or 3, as `linux/capability.h` has it; the kernel checks the rest.
    private static func isFileCapability(_ value: [UInt8]) -> Bool {
        guard value.count == 20 || value.count == 24 else { return false }
        return value[3] == (value.count == 20 ? 2 : 3)
    }
}
