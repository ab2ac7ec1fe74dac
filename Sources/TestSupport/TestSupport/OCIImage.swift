import Foundation

/// An OCI image layout written blob by blob, also one that no honest tool would write.
package struct OCIImage {
    /// The layers' archives, lowest first.
    package var layers: [TarArchive]
    /// The image's `config` member, as JSON values.
    package var config: [String: Any] = ["Cmd": ["/bin/sh"]]
    /// What it is built for.
    package var architecture = "amd64"
    /// Members that replace or join those of the manifest.
    package var manifestOverrides: [String: Any] = [:]
    /// diffIDs to claim in place of the true ones.
    package var claimedDiffIDs: [String]?

    /// An image of the given layers.
    package init(layers: [TarArchive], config: [String: Any] = ["Cmd": ["/bin/sh"]]) {
        self.layers = layers
        self.config = config
    }

    /// An image with busybox, the probe, root and a user.
    package init(config: [String: Any] = ["Cmd": ["/bin/sh"]]) throws {
        var archive = TarArchive()
        try archive.add(tree: try BusyboxTree.path.get(), at: ".")
        self.init(layers: [archive], config: config)
    }

    /// Writes the layout and returns `oci:DIR:TAG`.
    package func write(
        in scratch: Scratch,
        as directory: String = "layout",
        tag: String = "latest"
    ) throws -> String {
        var (descriptors, diffIDs): ([[String: Any]], [String]) = ([], [])
        for layer in layers {
            let type = "application/vnd.oci.image.layer.v1.tar"
            let descriptor = try blob(layer.data, type: type, scratch, directory)
            descriptors.append(descriptor)
            diffIDs.append(descriptor["digest"] as? String ?? "")
        }
        let configuration: [String: Any] = [
            "architecture": architecture, "os": "linux", "config": config,
            "rootfs": ["type": "layers", "diff_ids": claimedDiffIDs ?? diffIDs],
        ]
        var manifest: [String: Any] = [
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": try blob(
                json(configuration),
                type: "application/vnd.oci.image.config.v1+json",
                scratch,
                directory
            ), "layers": descriptors,
        ]
        manifest.merge(manifestOverrides) { _, new in new }
        var entry = try blob(
            json(manifest),
            type: "application/vnd.oci.image.manifest.v1+json",
            scratch,
            directory
        )
        entry["annotations"] = ["org.opencontainers.image.ref.name": tag]
        let index: [String: Any] = ["schemaVersion": 2, "manifests": [entry]]
        try scratch.write(json(index), to: "\(directory)/index.json")
        try scratch.write(#"{"imageLayoutVersion":"1.0.0"}"#, to: "\(directory)/oci-layout")
        return "oci:\(scratch(directory)):\(tag)"
    }

    private func json(_ value: [String: Any]) throws -> Data {
        try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
    }

    private func blob(
        _ data: Data,
        type: String,
        _ scratch: Scratch,
        _ directory: String
    ) throws -> [String: Any] {
        let path = try scratch.write(data, to: "\(directory)/blobs/sha256/.new")
        let sum = try tool("sha256sum", path).prefix(64)
        let final = scratch("\(directory)/blobs/sha256/\(sum)")
        try? FileManager.default.removeItem(atPath: final)
        try FileManager.default.moveItem(atPath: path, toPath: final)
        return ["mediaType": type, "digest": "sha256:\(sum)", "size": data.count]
    }
}
