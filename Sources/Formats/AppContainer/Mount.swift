package import JSON

/// A volume at a place in an app's root file system.
package struct Mount: Sendable, Hashable {
    /// The name of the volume.
    package var volume: ACName
    /// The place; a relative path begins at the root.
    package var path: String
    /// The volume itself, if the pod doesn't list it.
    package var appVolume: Volume?

    /// Makes a mount.
    package init(volume: ACName, path: String, appVolume: Volume? = nil) {
        self.volume = volume
        self.path = path
        self.appVolume = appVolume
    }
}

extension Mount: ManifestValue {
    package init(at cursor: JSONCursor) throws(JSONError) {
        volume = try cursor.required("volume").parsed(ACName.init(_:))
        let path = try cursor.required("path")
        self.path = try path.string()
        guard !self.path.isEmpty else { throw path.invalid("empty") }
        appVolume = try cursor.optional("appVolume").map { volume throws(JSONError) in
            try Volume(at: volume)
        }
    }

    package var json: JSON {
        var members: [JSON.Member] = []
        members.append("volume", .string(volume.text))
        members.append("path", .string(path))
        if let appVolume { members.append("appVolume", appVolume.json) }
        return .object(members)
    }
}
