internal import Addresses
package import JSON

extension NetworkResult {
    /// Reads what a plugin wrote to standard output.
    ///
    /// - Returns: the result and the version it was told in.
    package static func parse(_ bytes: [UInt8]) throws(CNIError) -> (NetworkResult, CNIVersion) {
        try reading("result", bytes) { cursor throws(JSONError) in
            (try NetworkResult(at: cursor), try cursor.version())
        }
    }

    /// Reads a result that is part of a document.
    package init(at cursor: JSONCursor) throws(JSONError) {
        nameService =
            try cursor.optional("dns").map { dns throws(JSONError) in
                try NameService(at: dns)
            } ?? NameService()
        switch try cursor.version().layout {
        case .pair:
            for (name, version) in [("ip4", IPAddress.Version.four), ("ip6", .six)] {
                if let half = try cursor.optional(name) { try read(half, version) }
            }
        case .versionedList, .list:
            interfaces = try cursor.limitedElements("interfaces").map {
                interface throws(JSONError) in try Interface(at: interface)
            }
            addresses = try cursor.limitedElements("ips").map { address throws(JSONError) in
                try Address(at: address, interfaces: interfaces.count)
            }
            routes = try cursor.limitedElements("routes").map { route throws(JSONError) in
                try Route(at: route)
            }
        }
    }

    /// Reads the member `ip4` or `ip6` of old results.
    private mutating func read(
        _ cursor: JSONCursor,
        _ version: IPAddress.Version
    ) throws(JSONError) {
        let prefix = try cursor.prefix("ip")
        guard prefix.address.version == version else {
            throw try cursor.required("ip").invalid("not an address of version \(version.rawValue)")
        }
        addresses.append(Address(prefix, gateway: try cursor.address("gateway")))
        routes += try cursor.limitedElements("routes").map { route throws(JSONError) in
            try Route(at: route)
        }
    }
}

extension NetworkResult.Interface {
    fileprivate init(at cursor: JSONCursor) throws(JSONError) {
        name = try cursor.required("name").string()
        hardwareAddress = try cursor.text("mac")
        sandbox = try cursor.text("sandbox")
        mtu = try cursor.optional("mtu")?.integer(UInt32.self)
        socketPath = try cursor.text("socketPath")
        deviceID = try cursor.text("pciID")
    }
}

extension NetworkResult.Address {
    fileprivate init(at cursor: JSONCursor, interfaces: Int) throws(JSONError) {
        prefix = try cursor.prefix("address")
        gateway = try cursor.address("gateway")
        guard let index = try cursor.optional("interface") else { return }
        let number = try index.integer(Int.self)
        // Plugins that only give addresses don't know the interface: some write -1.
        guard number >= 0 else { return }
        guard number < interfaces || interfaces == 0 else {
            throw index.invalid("there is no interface \(number)")
        }
        interface = interfaces == 0 ? nil : number
    }
}

extension NetworkResult.Route {
    fileprivate init(at cursor: JSONCursor) throws(JSONError) {
        destination = try cursor.prefix("dst")
        gateway = try cursor.address("gw")
        mtu = try cursor.optional("mtu")?.integer(UInt32.self)
        advertisedSegmentSize = try cursor.optional("advmss")?.integer(UInt32.self)
        priority = try cursor.optional("priority")?.integer(UInt32.self)
        table = try cursor.optional("table")?.integer(UInt32.self)
        scope = try cursor.optional("scope")?.integer(UInt32.self)
    }
}

extension NameService {
    /// Reads the member `dns`.
    ///
    /// Its words end up in a file of lines: none may begin another line or field.
    package init(at cursor: JSONCursor) throws(JSONError) {
        nameservers = try Self.words(cursor, "nameservers")
        for (index, server) in nameservers.enumerated() where IPAddress(server) == nil {
            throw cursor.invalid("nameservers[\(index)]: \(quoted(server)) is not an IP address")
        }
        domain = try cursor.text("domain")
        search = try Self.words(cursor, "search")
        options = try Self.words(cursor, "options")
        if let domain, !Self.isWord(domain) {
            throw cursor.invalid("domain: \(quoted(domain)) is not a domain")
        }
    }

    private static func words(_ cursor: JSONCursor, _ name: String) throws(JSONError) -> [String] {
        try cursor.limitedElements(name).map { element throws(JSONError) in
            let word = try element.string()
            guard isWord(word) else { throw element.invalid("\(quoted(word)) is not a word") }
            return word
        }
    }

    private static func isWord(_ text: String) -> Bool {
        (1...CNILimits.name).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
    }
}
