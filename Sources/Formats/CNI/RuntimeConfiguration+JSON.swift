internal import Addresses
package import JSON

extension RuntimeConfiguration {
    /// Everything, as a plugin with all capabilities is told it.
    package var json: JSON { .object(members(for: Set(capabilities))) }

    /// Reads what ``json`` wrote.
    package init(at cursor: JSONCursor) throws(JSONError) {
        self.init()
        portMappings = try cursor.elements("portMappings").map { mapping throws(JSONError) in
            try PortMapping(at: mapping)
        }
        addresses = try cursor.limitedStrings("ips")
        hardwareAddress = try cursor.text("mac")
        aliases = try cursor.limitedStrings("aliases")
        if let rates = try cursor.optional("bandwidth") { bandwidth = try Bandwidth(at: rates) }
        guard let names = try cursor.optional("dns") else { return }
        var service = NameService()
        service.nameservers = try names.limitedStrings("servers")
        service.search = try names.limitedStrings("searches")
        service.options = try names.limitedStrings("options")
        nameService = service
    }
}

extension RuntimeConfiguration.PortMapping {
    fileprivate init(at cursor: JSONCursor) throws(JSONError) {
        self.init(
            hostPort: try cursor.required("hostPort").integer(UInt16.self),
            containerPort: try cursor.required("containerPort").integer(UInt16.self),
            protocol: try cursor.required("protocol").string(),
            hostAddress: try cursor.address("hostIP")
        )
    }
}

extension RuntimeConfiguration.Bandwidth {
    fileprivate init(at cursor: JSONCursor) throws(JSONError) {
        self.init()
        func rate(_ name: String) throws(JSONError) -> UInt64 {
            try cursor.optional(name)?.integer(UInt64.self) ?? 0
        }
        ingressRate = try rate("ingressRate")
        ingressBurst = try rate("ingressBurst")
        egressRate = try rate("egressRate")
        egressBurst = try rate("egressBurst")
    }
}
