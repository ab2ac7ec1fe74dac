package import Foundation

/// An appc image under construction: a manifest and a root file system.
package struct ACI {
    /// The image's name.
    package var name: String
    /// Its labels beyond `os` and `arch`.
    package var labels: [String: String] = ["version": "1.0.0"]
    /// The `app` section, as JSON values; nil leaves it out.
    package var app: [String: Any]?
    /// The archive's entries, `rootfs/…`.
    package var archive: TarArchive
    /// Members of the manifest that replace or join the usual ones.
    package var overrides: [String: Any] = [:]

    /// An image with busybox, the probe, root and a user.
    ///
    /// - Parameter exec: What runs if nobody says otherwise.
    package init(
        _ name: String = "example.com/busybox",
        exec: [String] = ["/bin/sh"],
        app: [String: Any] = [:]
    ) throws {
        self.name = name
        let usual: [String: Any] = ["exec": exec, "user": "0", "group": "0"]
        self.app = usual.merging(app) { _, new in new }
        archive = TarArchive()
        archive.add("rootfs/", .directory)
        try archive.add(tree: try BusyboxTree.path.get(), at: "rootfs")
    }

    /// An image with an archive of the test's own.
    package init(_ name: String, exec: [String] = ["/bin/sh"], archive: TarArchive) {
        self.name = name
        app = ["exec": exec, "user": "0", "group": "0"]
        self.archive = archive
    }

    /// The manifest as JSON.
    package func manifest() throws -> Data {
        var all = ["os": "linux", "arch": "amd64"]
        all.merge(labels) { _, new in new }
        var manifest: [String: Any] = [
            "acKind": "ImageManifest",
            "acVersion": "0.8.11",
            "name": name,
            "labels": all.sorted { $0.key < $1.key }.map { ["name": $0.key, "value": $0.value] },
        ]
        manifest["app"] = app
        manifest.merge(overrides) { _, new in new }
        return try JSONSerialization.data(withJSONObject: manifest, options: [.sortedKeys])
    }

    /// How an archive is packed.
    package enum Packing: String, CaseIterable, Sendable {
        case plain = "cat"
        case gzip
        case bzip2
        case xz
        case zstd
    }

    /// Writes the image as a file and returns its path.
    package func write(
        in scratch: Scratch,
        as file: String = "image.aci",
        _ packing: Packing = .plain
    ) throws -> String {
        var whole = TarArchive()
        whole.add("manifest", contents: try manifest(), mode: 0o644)
        let path = try scratch.write(whole.data.dropLast(1024) + archive.data, to: file)
        guard packing != .plain else { return path }
        let pack = "\(packing.rawValue) -c '\(path)' > '\(path).packed'"
        try tool("/bin/sh", "-c", "\(pack) && mv '\(path).packed' '\(path)'")
        return path
    }
}

/// The root file system that most tests run: static busybox under every name, and the probe.
package enum BusyboxTree {
    /// Made once in a test process.
    package static let path = Result { try make().path }

    private static func make() throws -> Scratch {
        let tree = try SharedFiles.makeDirectory()
        let manager = FileManager.default
        for directory in ["bin", "etc", "root", "home/user", "var/empty"] {
            try tree.makeDirectory(directory)
        }
        try manager.copyItem(atPath: "/bin/busybox", toPath: tree("bin/busybox"))
        for applet in try tool("/bin/busybox", "--list").split(separator: "\n")
        where applet != "busybox" {
            try manager.createSymbolicLink(
                atPath: tree("bin/\(applet)"),
                withDestinationPath: "busybox"
            )
        }
        if File.exists(Rkt.probe) {
            try manager.copyItem(atPath: Rkt.probe, toPath: tree("bin/probe"))
        }
        let passwd = "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1001:user:/home/user:/bin/sh\n"
        try tree.write(passwd, to: "etc/passwd")
        try tree.write("root:x:0:\nusers:x:1001:\nextra:x:1002:user\n", to: "etc/group")
        return tree
    }
}
