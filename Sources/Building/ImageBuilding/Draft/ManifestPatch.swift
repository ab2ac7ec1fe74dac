package import AppContainer

/// What `actool patch-manifest` changes in the manifest of an ACI: nil leaves it as it is.
package struct ManifestPatch: Sendable {
    /// The name.
    package var name: ACIdentifier?
    /// The program and its arguments; the only one that makes an app where there is none.
    package var exec: [String]?
    /// Who it runs as.
    package var user: UserSpec?
    /// The group it runs as.
    package var group: GroupSpec?
    /// All groups besides.
    package var supplementaryGIDs: [UInt32]?
    /// The isolator that replaces those about capabilities.
    package var capabilities: Isolator?
    /// The isolator that replaces those about system calls.
    package var seccomp: Isolator?
    /// Mount points that are added.
    package var mountPoints: [MountPoint] = []
    /// Ports that are added.
    package var ports: [Port] = []
    /// Isolators that are added.
    package var isolators: [Isolator] = []

    /// A patch of nothing.
    package init() {}

    private var changesApp: Bool {
        user != nil || group != nil || supplementaryGIDs != nil || capabilities != nil
            || seccomp != nil || !mountPoints.isEmpty || !ports.isEmpty || !isolators.isEmpty
    }

    /// The patched manifest, which any reader takes.
    package func applied(to manifest: ImageManifest) throws(BuildError) -> ImageManifest {
        var manifest = manifest
        if let name { manifest.name = name }
        if var app = manifest.app ?? exec.map({ App(exec: $0) }) {
            change(&app)
            manifest.app = app
        } else if changesApp {
            throw .invalid("no app in the supplied manifest and no exec command provided")
        }
        try check(manifest)
        return manifest
    }

    private func change(_ app: inout App) {
        app.exec = exec ?? app.exec
        app.user = user ?? app.user
        app.group = group ?? app.group
        app.supplementaryGIDs = supplementaryGIDs ?? app.supplementaryGIDs
        if let capabilities {
            app.isolators.removeAll { $0.name.hasPrefix("os/linux/capabilities-") }
            app.isolators.append(capabilities)
        }
        if let seccomp {
            app.isolators.removeAll { $0.name.hasPrefix("os/linux/seccomp-") }
            app.isolators.append(seccomp)
        }
        app.mountPoints += mountPoints
        app.ports += ports
        app.isolators += isolators
    }
}

extension ImageDraft {
    /// Patches the manifest of an ACI.
    package mutating func apply(_ patch: ManifestPatch) throws(BuildError) {
        guard case .appc(let manifest) = content else {
            throw .unsupported("patch-manifest", in: .oci)
        }
        content = .appc(try patch.applied(to: manifest))
    }
}
