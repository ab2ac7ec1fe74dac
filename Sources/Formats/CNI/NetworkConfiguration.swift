package import JSON

/// The configuration of a network: a chain of plugins (CNI specification, section 1).
///
/// A file `*.conf` holds a single plugin, which is a chain of one.
package struct NetworkConfiguration: Sendable, Hashable {
    /// What `--net` calls the network.
    package let name: NetworkName
    /// The versions that it is written for and we speak, lowest first; never empty.
    package let versions: [CNIVersion]
    /// The plugins in the order of their additions; never empty.
    package let plugins: [PluginConfiguration]
    /// The plugins' `CHECK` would report errors that are none.
    package let disablesCheck: Bool
    /// Other programs share the network, so what we don't know must not be collected.
    package let disablesCollection: Bool
    /// The document as it was written.
    package let document: JSON

    /// How a document tells its plugins.
    package enum Form: Sendable {
        /// The document is a plugin (`*.conf`).
        case plugin
        /// The document lists plugins (`*.conflist`).
        case list
    }

    /// The capabilities that at least one plugin declares.
    package var capabilities: Set<String> {
        plugins.reduce(into: []) { $0.formUnion($1.capabilities) }
    }
}

extension NetworkConfiguration {
    /// Reads a file.
    package init(parsing bytes: [UInt8], form: Form) throws(CNIError) {
        let (configuration, unknown) = try reading("network configuration", bytes) {
            cursor throws(JSONError) in try Self.read(cursor, form)
        }
        guard let configuration else { throw .versions(unknown) }
        self = configuration
    }

    /// Reads a document that was written by ``document``: its form is plain to see.
    package init(document: JSON) throws(CNIError) {
        try self.init(
            parsing: document.encodedBytes(),
            form: document["plugins"] == nil ? .plugin : .list
        )
    }

    private static func read(
        _ cursor: JSONCursor,
        _ form: Form
    ) throws(JSONError) -> (NetworkConfiguration?, [String]) {
        let name = try cursor.required("name")
        guard let networkName = NetworkName(try name.string()) else {
            throw name.invalid(
                "a network's name begins with a letter or digit and has only these and \"_.-\", "
                    + "at most \(NetworkName.longest)"
            )
        }
        let texts = try versionTexts(cursor)
        let versions = Set(texts.compactMap(CNIVersion.init(rawValue:))).sorted()
        guard !versions.isEmpty else { return (nil, texts) }
        let configuration = NetworkConfiguration(
            name: networkName,
            versions: versions,
            plugins: try plugins(cursor, form),
            disablesCheck: try cursor.optional("disableCheck")?.lenientBool() ?? false,
            disablesCollection: try cursor.optional("disableGC")?.lenientBool() ?? false,
            document: cursor.value
        )
        return (configuration, [])
    }

    /// Every version that the document says it is written for.
    private static func versionTexts(_ cursor: JSONCursor) throws(JSONError) -> [String] {
        let single = try cursor.text("cniVersion")
        let several = try cursor.limitedStrings("cniVersions")
        let all = (single.map { [$0] } ?? []) + several
        return all.isEmpty ? [CNIVersion.unnamed.rawValue] : all
    }

    private static func plugins(
        _ cursor: JSONCursor,
        _ form: Form
    ) throws(JSONError) -> [PluginConfiguration] {
        switch form {
        case .plugin:
            guard try cursor.optional("plugins") == nil else {
                throw cursor.invalid("a list of plugins belongs in a file *.conflist")
            }
            return [try PluginConfiguration(at: cursor)]
        case .list:
            _ = try cursor.required("plugins")
            let plugins = try cursor.limitedElements("plugins", limit: CNILimits.plugins)
                .map { plugin throws(JSONError) in try PluginConfiguration(at: plugin) }
            guard !plugins.isEmpty else {
                throw try cursor.required("plugins").invalid("a network needs at least one plugin")
            }
            return plugins
        }
    }
}

extension JSONCursor {
    /// This truth value; older documents write it as a string.
    fileprivate func lenientBool() throws(JSONError) -> Bool {
        switch value {
        case .string("true"): true
        case .string("false"): false
        default: try bool()
        }
    }
}
