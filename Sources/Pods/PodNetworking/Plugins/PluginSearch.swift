internal import Linux

/// Where plugins' programs are looked for, the first place first.
package struct PluginSearch: Equatable, Sendable {
    /// The directories, absolute paths.
    package let directories: [String]

    /// Where distributions and the plugins' own packages put them.
    private static let usual = ["/usr/lib/rkt/plugins/net", "/usr/lib/cni", "/opt/cni/bin"]

    /// Looks in given directories.
    package init(directories: [String]) {
        self.directories = directories.filter { $0.hasPrefix("/") }
    }

    /// Looks where the administrator says (`CNI_PATH`, colons between directories), beside the networks'
    /// descriptions, and in the usual places.
    package init(configuration directory: String, environment: String?) {
        let own = environment?.split(separator: ":").map(String.init) ?? []
        self.init(
            directories: own + ["\(directory)/\(NetworkCatalog.directory)"] + Self.usual
        )
    }

    /// The value of `CNI_PATH`: plugins start others.
    var environment: String { directories.joined(separator: ":") }

    /// Whether a plugin is installed.
    package func has(_ type: String) -> Bool { program(type) != nil }

    /// The program of a plugin; nil if there is none.
    ///
    /// - Parameter type: checked by the configuration's reader: a single component.
    func program(_ type: String) -> String? {
        directories.lazy.map { "\($0)/\(type)" }.first(where: isProgram)
    }

    private func isProgram(_ path: String) -> Bool {
        // O_PATH follows links and opens nothing.
        guard let status = try? Descriptor.open(path, .pathOnly).status() else { return false }
        return status.kind == .regular && status.permissions & 0o111 != 0
    }
}
