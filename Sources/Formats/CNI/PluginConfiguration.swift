internal import JSON

/// What one plugin of a network is configured with.
package struct PluginConfiguration: Sendable, Hashable {
    /// The name of the plugin's program: a single component of a path.
    package let type: String
    /// What it wants to be told about a pod beyond its configuration, for instance `portMappings`.
    package let capabilities: Set<String>
    /// Its object, as it was written.
    let members: [JSON.Member]

    init(at cursor: JSONCursor) throws(JSONError) {
        let type = try cursor.required("type")
        self.type = try Self.programName(type)
        if let ipam = try cursor.optional("ipam"), let type = try ipam.optional("type"),
            try !type.string().isEmpty
        {
            // The plugin starts that program by the same rules, or should.
            _ = try Self.programName(type)
        }
        var declared: Set<String> = []
        for (name, value) in try cursor.optional("capabilities")?.members() ?? []
        where try value.bool() {
            declared.insert(name)
        }
        capabilities = declared
        members = cursor.value.members ?? []
    }

    /// A name with a slash would start any program of the host (CVE-2021-20206).
    private static func programName(_ cursor: JSONCursor) throws(JSONError) -> String {
        let name = try cursor.string()
        guard (1...CNILimits.name).contains(name.utf8.count), name != ".", name != "..",
            name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x2F && $0 != 0x7F })
        else { throw cursor.invalid("\(quoted(name)) is not the name of a plugin") }
        return name
    }
}
