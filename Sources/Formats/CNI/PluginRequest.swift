package import JSON

/// What a plugin reads from standard input (CNI specification, "deriving execution configuration").
package struct PluginRequest: Sendable {
    private let network: NetworkConfiguration
    private let version: CNIVersion
    private let runtime: RuntimeConfiguration
    private let previous: NetworkResult?
    private let attachments: [AttachmentName]?

    /// Asks for an addition, a check or a deletion.
    ///
    /// - Parameter previous: the result of the plugin before, or of the whole chain when it is checked or deleted.
    package init(
        _ network: NetworkConfiguration,
        version: CNIVersion,
        runtime: RuntimeConfiguration = RuntimeConfiguration(),
        previous: NetworkResult? = nil
    ) {
        self.network = network
        self.version = version
        self.runtime = runtime
        self.previous = previous
        attachments = nil
    }

    /// Asks to collect everything of the network but these attachments.
    package init(
        collecting network: NetworkConfiguration,
        version: CNIVersion,
        sparing attachments: [AttachmentName]
    ) {
        self.network = network
        self.version = version
        runtime = RuntimeConfiguration()
        previous = nil
        self.attachments = attachments
    }

    /// Members that are for us, or that only we may set.
    private static let ours: Set = ["capabilities", "cniVersions", "prevResult"]

    /// The document for one plugin of the network.
    package func document(for plugin: PluginConfiguration) throws(CNIError) -> JSON {
        var members = plugin.members
        members.removeAll { Self.ours.contains($0.name) || $0.name.hasPrefix("cni.dev/") }
        members.set("cniVersion", .string(version.rawValue))
        members.set("name", .string(network.name.text))
        let told = runtime.members(for: plugin.capabilities)
        if !told.isEmpty { members.set("runtimeConfig", .object(told)) }
        if let previous { members.set("prevResult", try previous.json(version)) }
        if let attachments {
            members.set("cni.dev/valid-attachments", .array(attachments.map(\.json)))
            // Plugins of the first hour of 1.1 read it under this name.
            members.set("cni.dev/attachments", .array(attachments.map(\.json)))
        }
        return .object(members)
    }
}

/// One interface of one container, as plugins name it.
package struct AttachmentName: Sendable, Hashable {
    /// The container.
    package let containerID: String
    /// Its interface.
    package let interface: String

    /// Names an attachment.
    package init(containerID: String, interface: String) {
        self.containerID = containerID
        self.interface = interface
    }

    var json: JSON {
        ["containerID": .string(containerID), "ifname": .string(interface)]
    }
}
